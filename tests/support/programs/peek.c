/* peek SECONDS PATH: looks into every process that appears, as fast as it can: at PATH below its root, at its rights, at
 * what it has open. Prints what it should not have got, each once; at the end how many it has seen. */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static unsigned long long rights(int pid) {
  char path[64], text[4096];
  snprintf(path, sizeof path, "/proc/%d/status", pid);
  int fd = open(path, O_RDONLY);
  if (fd < 0) return 0;
  ssize_t size = read(fd, text, sizeof text - 1);
  close(fd);
  if (size <= 0) return 0;
  text[size] = 0;
  char *line = strstr(text, "CapPrm:");
  return line ? strtoull(line + 7, NULL, 16) : 0;
}

int main(int argc, char **argv) {
  time_t end = time(NULL) + atol(argv[1]);
  unsigned long long own = rights(getpid()), more = 0;
  int last = getpid(), seen = 0, noted = 0;
  long opened = 0, files = 0;
  char path[4096], target[4096];
  while (time(NULL) < end) {
    for (int round = 0; round < 1000; round++) {
      for (int pid = last + 1; pid < last + 4; pid++) {
        snprintf(path, sizeof path, "/proc/%d/root%s", pid, argv[2]);
        int fd = open(path, O_RDONLY);
        if (fd >= 0) { opened++; close(fd); }
        unsigned long long found = rights(pid);
        if (found && pid > noted) { seen++; noted = pid; }
        more |= found & ~own;
        for (int number = 3; number < 16; number++) {
          snprintf(path, sizeof path, "/proc/%d/fd/%d", pid, number);
          ssize_t size = readlink(path, target, sizeof target - 1);
          if (size <= 0) continue;
          target[size] = 0;
          if (target[0] == '/' && strstr(target, "cgroup")) files++;
        }
      }
    }
    FILE *load = fopen("/proc/loadavg", "r");
    int newest;
    if (load && fscanf(load, "%*s %*s %*s %*s %d", &newest) == 1) last = newest;
    if (load) fclose(load);
  }
  printf("opened %s, cgroups %s, rights %llx, %s\n", opened ? "some" : "none", files ? "some" : "none", more, seen ? "seen" : "blind");
  return 0;
}
