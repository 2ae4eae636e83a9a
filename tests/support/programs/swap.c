/* swap COUNT A B [C D …]: exchanges each pair of names again and again, COUNT times. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv) {
  for (long left = atol(argv[1]); left > 0; left--) {
    for (int i = 2; i + 1 < argc; i += 2) {
      if (renameat2(AT_FDCWD, argv[i], AT_FDCWD, argv[i + 1], RENAME_EXCHANGE) != 0) {
        perror(argv[i]);
        return 1;
      }
    }
  }
  return 0;
}
