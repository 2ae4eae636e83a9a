/* Prints the effective user, after a set-user-ID execution the file's owner, and the effective capabilities. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(void) {
  char line[256];
  printf("euid %d\n", (int)geteuid());
  FILE *status = fopen("/proc/self/status", "r");
  while (status && fgets(line, sizeof line, status)) {
    if (strncmp(line, "CapEff:", 7) == 0 || strncmp(line, "NoNewPrivs:", 11) == 0) fputs(line, stdout);
  }
  return 0;
}
