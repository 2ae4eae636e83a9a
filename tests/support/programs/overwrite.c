/* overwrite SECONDS: tries to write into the engine's programs wherever a process in sight executes one or has one open,
 * and prints what it got hold of. */
#define _GNU_SOURCE
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static long seen;

static void try(const char *path) {
  char target[4096];
  ssize_t size = readlink(path, target, sizeof target - 1);
  if (size < 0) return;
  target[size] = 0;
  if (strncmp(target, "/memfd:sauropod", 15) != 0) return;
  seen++;
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0) return;
  ssize_t written = write(fd, "#!/bin/evil\n", 12);
  printf("opened %s (%s), wrote %zd\n", path, target, written);
  fflush(stdout);
  close(fd);
}

int main(int argc, char **argv) {
  time_t end = time(NULL) + atol(argv[1]);
  char path[512];
  while (time(NULL) < end) {
    DIR *processes = opendir("/proc");
    for (struct dirent *process; (process = readdir(processes));) {
      if (!isdigit(process->d_name[0]) || atoi(process->d_name) == getpid()) continue;
      snprintf(path, sizeof path, "/proc/%s/exe", process->d_name);
      try(path);
      snprintf(path, sizeof path, "/proc/%s/fd", process->d_name);
      DIR *descriptors = opendir(path);
      if (!descriptors) continue;
      for (struct dirent *fd; (fd = readdir(descriptors));) {
        snprintf(path, sizeof path, "/proc/%s/fd/%s", process->d_name, fd->d_name);
        try(path);
      }
      closedir(descriptors);
    }
    closedir(processes);
  }
  printf("seen %s\n", seen > 0 ? "some" : "none");
  return 0;
}
