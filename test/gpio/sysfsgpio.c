// /sys/class/gpio as the kernel has it, as a FUSE folder: chips with a base, lines that are
// exported, directions, edges and a value whose change is told by POLLPRI. As there, one flag says
// that something changed: of a burst one edge is seen. Runs until it is ended or unmounted.
//
//   sysfsgpio MOUNTPOINT BASE LINES LABEL
//
// A line on the standard input holds the wires, and is answered by a line:
//   set LINE 0|1   drives a wire        ok
//   get LINE       the level of a wire  0 or 1
//   unplug         takes the chip away  ok
#define FUSE_USE_VERSION 31
#define _GNU_SOURCE
#include <errno.h>
#include <fuse3/fuse.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LINES_MAX = 64, TEXT_MAX = 64, FALLING = 2, RISING = 1 };

struct line {
  int is_exported, is_output, edges, is_active_low, level, is_changed;
  struct fuse_pollhandle *waiting;
};

static int base, line_count, is_gone;
static const char *label;
static struct line lines[LINES_MAX];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static const char *const EDGES[] = {"none", "rising", "falling", "both"};

// What a path is: the line of `/gpio517/value` and its `value`, or the `base` of a chip.
enum kind { NOTHING, FOLDER, EXPORT, CHIP_FILE, LINE_FILE };
struct place {
  enum kind kind;
  struct line *line;
  char file[16];
};

static struct place place_of(const char *path) {
  struct place place = {NOTHING, NULL, ""};
  int number, length = 0;
  if (strcmp(path, "/") == 0) {
    place.kind = FOLDER;
  } else if (is_gone) {
    return place;
  } else if (strcmp(path, "/export") == 0 || strcmp(path, "/unexport") == 0) {
    place.kind = EXPORT;
  } else if (sscanf(path, "/gpiochip%d%n", &number, &length) == 1 && number == base) {
    int has_file = sscanf(path + length, "/%15s", place.file) == 1;
    place.kind = has_file ? CHIP_FILE : FOLDER;
  } else if (sscanf(path, "/gpio%d%n", &number, &length) == 1 && number >= base &&
             number < base + line_count && lines[number - base].is_exported) {
    int has_file = sscanf(path + length, "/%15s", place.file) == 1;
    place.line = &lines[number - base];
    place.kind = has_file ? LINE_FILE : FOLDER;
  }
  return place;
}

// The text of a file that can be read; 0 when there is no such file.
static int text_of(const struct place *place, char *text) {
  const char *file = place->file;
  const struct line *line = place->line;
  if (place->kind == CHIP_FILE) {
    if (strcmp(file, "label") == 0) return snprintf(text, TEXT_MAX, "%s\n", label);
    if (strcmp(file, "base") == 0) return snprintf(text, TEXT_MAX, "%d\n", base);
    if (strcmp(file, "ngpio") == 0) return snprintf(text, TEXT_MAX, "%d\n", line_count);
  } else if (place->kind == LINE_FILE) {
    int value = line->level != line->is_active_low;
    if (strcmp(file, "value") == 0) return snprintf(text, TEXT_MAX, "%d\n", value);
    if (strcmp(file, "edge") == 0) return snprintf(text, TEXT_MAX, "%s\n", EDGES[line->edges]);
    if (strcmp(file, "active_low") == 0) {
      return snprintf(text, TEXT_MAX, "%d\n", line->is_active_low);
    }
    if (strcmp(file, "direction") == 0) {
      return snprintf(text, TEXT_MAX, "%s\n", line->is_output ? "out" : "in");
    }
  }
  return 0;
}

static int gpio_getattr(const char *path, struct stat *stat, struct fuse_file_info *file) {
  (void)file;
  char text[TEXT_MAX];
  pthread_mutex_lock(&lock);
  struct place place = place_of(path);
  int has_text = text_of(&place, text) > 0;
  pthread_mutex_unlock(&lock);
  memset(stat, 0, sizeof *stat);
  stat->st_nlink = 1;
  stat->st_size = 4096;
  if (place.kind == FOLDER) stat->st_mode = S_IFDIR | 0755;
  else if (place.kind == EXPORT) stat->st_mode = S_IFREG | 0220;
  else if (has_text) stat->st_mode = S_IFREG | 0664;
  else return -ENOENT;
  return 0;
}

static int gpio_readdir(const char *path, void *buffer, fuse_fill_dir_t fill, off_t offset,
                        struct fuse_file_info *file, enum fuse_readdir_flags flags) {
  (void)offset, (void)file, (void)flags;
  char name[TEXT_MAX];
  if (strcmp(path, "/") != 0) return 0;
  fill(buffer, "export", NULL, 0, 0);
  fill(buffer, "unexport", NULL, 0, 0);
  snprintf(name, sizeof name, "gpiochip%d", base);
  if (!is_gone) fill(buffer, name, NULL, 0, 0);
  return 0;
}

static int gpio_open(const char *path, struct fuse_file_info *file) {
  (void)path;
  file->direct_io = 1;
  return 0;
}

static int gpio_read(const char *path, char *bytes, size_t length, off_t offset,
                     struct fuse_file_info *file) {
  (void)file;
  char text[TEXT_MAX];
  pthread_mutex_lock(&lock);
  struct place place = place_of(path);
  int size = text_of(&place, text);
  if (place.line) place.line->is_changed = 0;
  pthread_mutex_unlock(&lock);
  if (size == 0) return -ENODEV;
  if (offset >= size) return 0;
  if (length > (size_t)(size - offset)) length = (size_t)(size - offset);
  memcpy(bytes, text + offset, length);
  return (int)length;
}

static int export_line(int is_export, int number) {
  struct line *line = &lines[number - base];
  if (number < base || number >= base + line_count) return -EINVAL;
  if (is_export && line->is_exported) return -EBUSY;
  if (!is_export && !line->is_exported) return -EINVAL;
  int level = line->level;
  memset(line, 0, sizeof *line);
  line->level = level;
  line->is_exported = is_export;
  return 0;
}

// Documentation/ABI/obsolete/sysfs-gpio: `low` and `high` are outputs with that level from the
// first moment, and an output tells no edges.
static int set_up(struct line *line, const char *file, const char *text) {
  if (strcmp(file, "direction") == 0) {
    line->is_output = strcmp(text, "in") != 0;
    if (strcmp(text, "low") == 0 || strcmp(text, "out") == 0) line->level = 0;
    else if (strcmp(text, "high") == 0) line->level = 1;
    else if (line->is_output) return -EINVAL;
  } else if (strcmp(file, "active_low") == 0) {
    line->is_active_low = atoi(text) != 0;
  } else if (strcmp(file, "value") == 0) {
    if (!line->is_output) return -EPERM;
    line->level = (atoi(text) != 0) != line->is_active_low;
  } else {
    if (line->is_output) return -EIO;
    for (int edges = 0; edges < 4; edges++) {
      if (strcmp(text, EDGES[edges]) == 0) line->edges = edges;
    }
  }
  return 0;
}

static int gpio_write(const char *path, const char *bytes, size_t length, off_t offset,
                      struct fuse_file_info *file) {
  (void)offset, (void)file;
  char text[TEXT_MAX] = "";
  memcpy(text, bytes, length < TEXT_MAX - 1 ? length : TEXT_MAX - 1);
  text[strcspn(text, "\n")] = 0;
  pthread_mutex_lock(&lock);
  struct place place = place_of(path);
  int failed = place.kind == EXPORT      ? export_line(path[1] == 'e', atoi(text))
               : place.kind == LINE_FILE ? set_up(place.line, place.file, text)
                                         : -ENODEV;
  pthread_mutex_unlock(&lock);
  return failed ? failed : (int)length;
}

static int gpio_poll(const char *path, struct fuse_file_info *file,
                     struct fuse_pollhandle *handle, unsigned *events) {
  (void)file;
  pthread_mutex_lock(&lock);
  struct place place = place_of(path);
  *events = POLLIN | POLLOUT;
  if (!place.line || place.line->is_changed) *events |= POLLPRI | POLLERR;
  if (place.line) {
    if (place.line->waiting) fuse_pollhandle_destroy(place.line->waiting);
    place.line->waiting = handle;
  } else if (handle) {
    fuse_pollhandle_destroy(handle);
  }
  pthread_mutex_unlock(&lock);
  return 0;
}

static int gpio_truncate(const char *path, off_t size, struct fuse_file_info *file) {
  (void)path, (void)size, (void)file;
  return 0;
}

static void wake(struct line *line) {
  if (!line->waiting) return;
  fuse_notify_poll(line->waiting);
  fuse_pollhandle_destroy(line->waiting);
  line->waiting = NULL;
}

static void drive_wire(struct line *line, int level) {
  int is_active = level != line->is_active_low;
  if (line->level == level) return;
  line->level = level;
  if (!line->is_exported || !(line->edges & (is_active ? RISING : FALLING))) return;
  line->is_changed = 1;
  wake(line);
}

static void *hold_wires(void *argument) {
  (void)argument;
  char command[TEXT_MAX], verb[16];
  puts("ready");
  fflush(stdout);
  while (fgets(command, sizeof command, stdin)) {
    int number = 0, level = 0;
    sscanf(command, "%15s %d %d", verb, &number, &level);
    struct line *line = number >= 0 && number < line_count ? &lines[number] : &lines[0];
    pthread_mutex_lock(&lock);
    if (strcmp(verb, "get") == 0) {
      printf("%d\n", line->level);
    } else {
      if (strcmp(verb, "unplug") == 0) {
        is_gone = 1;
        for (int at = 0; at < line_count; at++) wake(&lines[at]);
      } else {
        drive_wire(line, level != 0);
      }
      puts("ok");
    }
    pthread_mutex_unlock(&lock);
    fflush(stdout);
  }
  // Whoever held the wires has ended.
  kill(getpid(), SIGTERM);
  return NULL;
}

static void *gpio_init(struct fuse_conn_info *connection, struct fuse_config *config) {
  (void)connection;
  pthread_t thread;
  config->attr_timeout = config->entry_timeout = config->negative_timeout = 0;
  pthread_create(&thread, NULL, hold_wires, NULL);
  return NULL;
}

static const struct fuse_operations operations = {
    .init = gpio_init,
    .getattr = gpio_getattr,
    .readdir = gpio_readdir,
    .open = gpio_open,
    .read = gpio_read,
    .write = gpio_write,
    .poll = gpio_poll,
    .truncate = gpio_truncate,
};

int main(int count, char **arguments) {
  if (count != 5) return 2;
  base = atoi(arguments[2]);
  line_count = atoi(arguments[3]);
  label = arguments[4];
  if (line_count > LINES_MAX) return 2;
  char *fuse[] = {arguments[0], "-f", "-s", arguments[1], NULL};
  return fuse_main(4, fuse, &operations, NULL);
}
