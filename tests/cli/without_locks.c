// A file system without locks and without the sync of folders, as some network drives are: below the folder
// that WITHOUT_LOCKS names, flock fails, and so does fsync of a folder.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int is_below(int file) {
    const char *folder = getenv("WITHOUT_LOCKS");
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (folder == NULL || length < 0) return 0;
    path[length] = 0;
    return strncmp(path, folder, strlen(folder)) == 0;
}

int flock(int file, int operation) {
    int (*real)(int, int) = dlsym(RTLD_NEXT, "flock");
    if (!is_below(file)) return real(file, operation);
    errno = ENOLCK;
    return -1;
}

int fsync(int file) {
    int (*real)(int) = dlsym(RTLD_NEXT, "fsync");
    struct stat status;
    if (!is_below(file) || fstat(file, &status) != 0 || !S_ISDIR(status.st_mode)) return real(file);
    errno = EINVAL;
    return -1;
}
