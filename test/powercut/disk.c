// A block device with a memory and a temper: a FUSE folder with two files.
//   disk  the image of a block device, to be put under a loop device and a real file system
//   ack   what a program writes here (a decimal number) is noted in the log, in order
// Every write and flush of the image goes to LOG in the order of arrival, so that a test can cut
// the power between any two of them. Delays make the image as slow as a memory card.
//
//   disk IMAGE LOG|- WRITE_US KIB_US FLUSH_US MOUNTPOINT
//
// A log record: type u32 (1 write, 2 flush, 3 ack), length u32, offset or number u64, then the
// bytes written, all in the machine's order. Runs in the foreground until it is unmounted.
#define FUSE_USE_VERSION 31
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <fuse3/fuse.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { WRITE = 1, FLUSH = 2, ACK = 3 };
struct record {
  uint32_t type, length;
  uint64_t place;
};

static int image, log_file = -1;
static off_t image_size;
static long write_us, kib_us, flush_us;
// One at a time, as a card has it; also makes the log's order the order on the image.
static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;

static void put(const void *bytes, size_t length) {
  while (length > 0) {
    ssize_t done = write(log_file, bytes, length);
    if (done <= 0) abort();
    bytes = (const char *)bytes + done;
    length -= (size_t)done;
  }
}

static void note(uint32_t type, const void *bytes, uint32_t length, uint64_t place) {
  struct record record = {type, length, place};
  if (log_file < 0) return;
  put(&record, sizeof record);
  put(bytes, length);
}

static void wait_us(long us) {
  struct timespec time = {us / 1000000, us % 1000000 * 1000};
  if (us > 0) nanosleep(&time, NULL);
}

static int is_disk(const char *path) { return strcmp(path, "/disk") == 0; }
static int is_ack(const char *path) { return strcmp(path, "/ack") == 0; }

static int disk_getattr(const char *path, struct stat *stat, struct fuse_file_info *file) {
  (void)file;
  memset(stat, 0, sizeof *stat);
  stat->st_nlink = 1;
  if (strcmp(path, "/") == 0) {
    stat->st_mode = S_IFDIR | 0755;
    stat->st_nlink = 2;
  } else if (is_disk(path)) {
    stat->st_mode = S_IFREG | 0600;
    stat->st_size = image_size;
    stat->st_blocks = image_size / 512;
  } else if (is_ack(path)) {
    stat->st_mode = S_IFREG | 0600;
  } else {
    return -ENOENT;
  }
  return 0;
}

static int disk_readdir(const char *path, void *buffer, fuse_fill_dir_t fill, off_t offset,
                        struct fuse_file_info *file, enum fuse_readdir_flags flags) {
  (void)path, (void)offset, (void)file, (void)flags;
  const char *names[] = {".", "..", "disk", "ack"};
  for (int at = 0; at < 4; at++) fill(buffer, names[at], NULL, 0, 0);
  return 0;
}

static int disk_open(const char *path, struct fuse_file_info *file) {
  if (!is_disk(path) && !is_ack(path)) return -ENOENT;
  file->direct_io = 1;
  return 0;
}

static int disk_read(const char *path, char *bytes, size_t length, off_t offset,
                     struct fuse_file_info *file) {
  (void)file;
  if (!is_disk(path)) return 0;
  ssize_t done = pread(image, bytes, length, offset);
  return done < 0 ? -errno : (int)done;
}

static int disk_write(const char *path, const char *bytes, size_t length, off_t offset,
                      struct fuse_file_info *file) {
  (void)file;
  pthread_mutex_lock(&turn);
  if (is_disk(path)) {
    if (pwrite(image, bytes, length, offset) != (ssize_t)length) abort();
    note(WRITE, bytes, (uint32_t)length, (uint64_t)offset);
    wait_us(write_us + kib_us * (long)((length + 1023) / 1024));
  } else {
    char digits[24] = {0};
    memcpy(digits, bytes, length < 23 ? length : 23);
    note(ACK, NULL, 0, strtoull(digits, NULL, 10));
  }
  pthread_mutex_unlock(&turn);
  return (int)length;
}

static int disk_fsync(const char *path, int is_data_only, struct fuse_file_info *file) {
  (void)is_data_only, (void)file;
  if (!is_disk(path)) return 0;
  pthread_mutex_lock(&turn);
  note(FLUSH, NULL, 0, 0);
  wait_us(flush_us);
  pthread_mutex_unlock(&turn);
  return 0;
}

static int disk_truncate(const char *path, off_t size, struct fuse_file_info *file) {
  (void)path, (void)size, (void)file;
  return 0;
}

static const struct fuse_operations operations = {
    .getattr = disk_getattr,
    .readdir = disk_readdir,
    .open = disk_open,
    .read = disk_read,
    .write = disk_write,
    .fsync = disk_fsync,
    .truncate = disk_truncate,
};

int main(int count, char **arguments) {
  if (count != 7) {
    fprintf(stderr, "usage: disk IMAGE LOG|- WRITE_US KIB_US FLUSH_US MOUNTPOINT\n");
    return 2;
  }
  image = open(arguments[1], O_RDWR);
  if (image < 0) return perror(arguments[1]), 1;
  image_size = lseek(image, 0, SEEK_END);
  if (strcmp(arguments[2], "-") != 0) {
    log_file = open(arguments[2], O_CREAT | O_TRUNC | O_WRONLY, 0600);
    if (log_file < 0) return perror(arguments[2]), 1;
  }
  write_us = atol(arguments[3]);
  kib_us = atol(arguments[4]);
  flush_us = atol(arguments[5]);
  // libfuse 3.14 warns about its own default number of threads.
  char *fuse[] = {arguments[0], "-f", "-omax_threads=4,max_idle_threads=4", arguments[6], NULL};
  return fuse_main(4, fuse, &operations, NULL);
}
