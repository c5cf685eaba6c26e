// A GPIO chip for programs on machines without one. Preloaded (LD_PRELOAD), it answers what they
// ask of /dev/gpiochipN as linux/gpio.h, version 2, has it: names, requests, values, edges with
// the kernel's ring and its numbers, software debounce, busy lines, and a chip that is unplugged.
// It is inside of the program that uses it; a test holds the wires through a socket.
//
//   GPIOSIM_CHIPS    gpiochip0=pinctrl-test:54,gpiochip1=other:8   name = label : lines
//   GPIOSIM_LOG      a file that gets a line for each level that an output has: CHIP LINE 0|1
//   GPIOSIM_CONTROL  where the socket is to be. A line in, a line out:
//     set CHIP LINE 0|1             drives a wire             ok
//     get CHIP LINE                 the level of a wire       0 or 1
//     burst CHIP LINE COUNT GAP_US  so many changes, so far apart; answers at once    ok
//     dropped                       edges that left a full ring unread, so far        a number
//     unplug CHIP, plug CHIP        takes it away, or back    ok
//
// Lines are named GPIO0, GPIO1 and so on. What the descriptors of chips and requests are is a pipe,
// so that poll and epoll work: a byte is in it while edges are there, and its other end is closed
// when the chip is gone.
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/gpio.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { CHIPS_MAX = 8, LINES_MAX = GPIO_V2_LINES_MAX, FDS_MAX = 4096, KEPT_MAX = LINES_MAX * 16 };

struct chip {
  char name[32], label[32];
  unsigned lines;
  int is_gone;
  int level[LINES_MAX];
  struct request *holder[LINES_MAX];
};

struct request {
  struct chip *chip;
  int fd, signal_fd, is_signalled, is_gone;
  struct gpio_v2_line_request asked;
  uint64_t flags[LINES_MAX];
  uint32_t debounce_us[LINES_MAX];
  // Behind the debounce: the level that was told, and when the wire will have been still for long
  // enough; 0 while it is still.
  int told[LINES_MAX];
  uint64_t due_ns[LINES_MAX];
  struct gpio_v2_line_event *kept;
  uint32_t room, first, count, seqno, line_seqno[LINES_MAX];
};

static struct chip chips[CHIPS_MAX];
static int chip_count;
static struct chip *chip_by_fd[FDS_MAX];
static struct request *request_by_fd[FDS_MAX];
static unsigned long dropped;
// Guards all of the above; `changed` wakes the thread that debounces.
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed;
static const char folder[] = "/dev/";

// The C library's function that this file stands in front of.
#define REAL(result, name, ...)                    \
  static result (*real_##name)(__VA_ARGS__) = NULL; \
  if (!real_##name) real_##name = dlsym(RTLD_NEXT, #name)

static ssize_t real_read_of(int fd, void *bytes, size_t length) {
  REAL(ssize_t, read, int, void *, size_t);
  return real_read(fd, bytes, length);
}

static int real_close_of(int fd) {
  REAL(int, close, int);
  return real_close(fd);
}

static uint64_t now_ns(clockid_t clock) {
  struct timespec time;
  clock_gettime(clock, &time);
  return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

// ---- The chip. Everything up to the next heading runs under the lock.

static int is_logical(const struct request *request, unsigned line, int level) {
  return request->flags[line] & GPIO_V2_LINE_FLAG_ACTIVE_LOW ? !level : level;
}

// A byte in the pipe says that there are edges.
static void signal_edges(struct request *request) {
  if (request->count > 0 && !request->is_signalled) {
    request->is_signalled = write(request->signal_fd, "!", 1) == 1;
  } else if (request->count == 0 && request->is_signalled) {
    char byte;
    struct pollfd has = {.fd = request->fd, .events = POLLIN};
    if (poll(&has, 1, 0) > 0) real_read_of(request->fd, &byte, 1);
    request->is_signalled = 0;
  }
}

// gpiolib-cdev.c, linereq_put_event: a full ring loses its oldest, which the numbers then show.
static void keep_edge(struct request *request, unsigned line, int level) {
  int is_active = is_logical(request, line, level);
  uint64_t wanted =
      is_active ? GPIO_V2_LINE_FLAG_EDGE_RISING : GPIO_V2_LINE_FLAG_EDGE_FALLING;
  if (!(request->flags[line] & wanted)) return;
  if (request->count == request->room) {
    request->first = (request->first + 1) % request->room;
    request->count--;
    dropped++;
  }
  int is_wall = (request->flags[line] & GPIO_V2_LINE_FLAG_EVENT_CLOCK_REALTIME) != 0;
  request->kept[(request->first + request->count++) % request->room] = (struct gpio_v2_line_event){
      .timestamp_ns = now_ns(is_wall ? CLOCK_REALTIME : CLOCK_MONOTONIC),
      .id = is_active ? GPIO_V2_LINE_EVENT_RISING_EDGE : GPIO_V2_LINE_EVENT_FALLING_EDGE,
      .offset = request->asked.offsets[line],
      .seqno = ++request->seqno,
      .line_seqno = ++request->line_seqno[line],
  };
  signal_edges(request);
}

static int line_of(const struct request *request, unsigned offset) {
  for (unsigned line = 0; line < request->asked.num_lines; line++) {
    if (request->asked.offsets[line] == offset) return (int)line;
  }
  return -1;
}

static void drive_wire(struct chip *chip, unsigned offset, int level) {
  int before = chip->level[offset];
  struct request *request = chip->holder[offset];
  chip->level[offset] = level;
  if (before == level || !request) return;
  unsigned line = (unsigned)line_of(request, offset);
  if (!(request->flags[line] & GPIO_V2_LINE_FLAG_INPUT)) return;
  if (request->debounce_us[line] == 0) {
    keep_edge(request, line, level);
  } else {
    // Every change starts the period anew.
    request->due_ns[line] = now_ns(CLOCK_MONOTONIC) + request->debounce_us[line] * 1000ull;
    pthread_cond_signal(&changed);
  }
}

// Tells what has been still for long enough; gives when to look again, or 0.
static uint64_t settle_all(void) {
  uint64_t next = 0, now = now_ns(CLOCK_MONOTONIC);
  for (int fd = 0; fd < FDS_MAX; fd++) {
    struct request *request = request_by_fd[fd];
    for (unsigned line = 0; request && line < request->asked.num_lines; line++) {
      uint64_t due = request->due_ns[line];
      if (due == 0) continue;
      if (due > now) {
        if (next == 0 || due < next) next = due;
        continue;
      }
      int level = request->chip->level[request->asked.offsets[line]];
      request->due_ns[line] = 0;
      if (level != request->told[line]) keep_edge(request, line, level);
      request->told[line] = level;
    }
  }
  return next;
}

// Outlives the program, so that a test sees how it left its outputs.
static void set_output(struct request *request, unsigned line, int is_on) {
  static int log_file = -2;
  unsigned offset = request->asked.offsets[line];
  struct chip *chip = request->chip;
  chip->level[offset] = is_logical(request, line, is_on);
  if (log_file == -2) {
    const char *path = getenv("GPIOSIM_LOG");
    log_file = path ? open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600) : -1;
  }
  if (log_file >= 0) dprintf(log_file, "%s %u %d\n", chip->name, offset, chip->level[offset]);
}

static int configure(struct request *request, const struct gpio_v2_line_config *config) {
  if (config->num_attrs > GPIO_V2_LINE_NUM_ATTRS_MAX) return EINVAL;
  for (unsigned line = 0; line < request->asked.num_lines; line++) {
    uint64_t outputs = 0;
    request->flags[line] = config->flags;
    request->debounce_us[line] = 0;
    for (unsigned at = 0; at < config->num_attrs; at++) {
      const struct gpio_v2_line_attribute *attr = &config->attrs[at].attr;
      if (!(config->attrs[at].mask >> line & 1)) continue;
      if (attr->id == GPIO_V2_LINE_ATTR_ID_FLAGS) request->flags[line] = attr->flags;
      else if (attr->id == GPIO_V2_LINE_ATTR_ID_OUTPUT_VALUES) outputs = attr->values;
      else if (attr->id == GPIO_V2_LINE_ATTR_ID_DEBOUNCE) {
        request->debounce_us[line] = attr->debounce_period_us;
      } else return EINVAL;
    }
    uint64_t flags = request->flags[line];
    uint64_t edges = GPIO_V2_LINE_FLAG_EDGE_RISING | GPIO_V2_LINE_FLAG_EDGE_FALLING;
    int is_input = (flags & GPIO_V2_LINE_FLAG_INPUT) != 0;
    int is_output = (flags & GPIO_V2_LINE_FLAG_OUTPUT) != 0;
    if ((is_input && is_output) || (flags & edges && !is_input)) return EINVAL;
    if (is_output) set_output(request, line, outputs >> line & 1);
    request->told[line] = request->chip->level[request->asked.offsets[line]];
  }
  return 0;
}

static int is_zero(const uint32_t *padding, size_t length) {
  for (size_t at = 0; at < length; at++) {
    if (padding[at]) return 0;
  }
  return 1;
}

static int get_line(struct chip *chip, struct gpio_v2_line_request *asked) {
  if (asked->num_lines == 0 || asked->num_lines > LINES_MAX || !is_zero(asked->padding, 5) ||
      !is_zero(asked->config.padding, 5)) {
    return EINVAL;
  }
  for (unsigned line = 0; line < asked->num_lines; line++) {
    if (asked->offsets[line] >= chip->lines) return EINVAL;
    if (chip->holder[asked->offsets[line]]) return EBUSY;
    for (unsigned other = 0; other < line; other++) {
      if (asked->offsets[other] == asked->offsets[line]) return EBUSY;
    }
  }
  int ends[2];
  struct request *request = calloc(1, sizeof *request);
  if (!request) return ENOMEM;
  request->chip = chip;
  request->asked = *asked;
  uint32_t room = asked->event_buffer_size ? asked->event_buffer_size : asked->num_lines * 16;
  request->room = room < KEPT_MAX ? room : KEPT_MAX;
  request->kept = calloc(request->room, sizeof *request->kept);
  int failed = !request->kept ? ENOMEM : configure(request, &asked->config);
  if (!failed && pipe2(ends, O_CLOEXEC) < 0) failed = errno;
  if (failed) {
    free(request->kept);
    free(request);
    return failed;
  }
  request->fd = ends[0];
  request->signal_fd = ends[1];
  request_by_fd[request->fd] = request;
  for (unsigned line = 0; line < asked->num_lines; line++) {
    chip->holder[asked->offsets[line]] = request;
  }
  asked->fd = request->fd;
  return 0;
}

static int get_line_info(struct chip *chip, struct gpio_v2_line_info *info) {
  uint32_t offset = info->offset;
  if (offset >= chip->lines || !is_zero(info->padding, 4)) return EINVAL;
  memset(info, 0, sizeof *info);
  info->offset = offset;
  info->flags = GPIO_V2_LINE_FLAG_INPUT;
  snprintf(info->name, sizeof info->name, "GPIO%u", offset);
  struct request *request = chip->holder[offset];
  if (!request) return 0;
  unsigned line = (unsigned)line_of(request, offset);
  info->flags = request->flags[line] | GPIO_V2_LINE_FLAG_USED;
  memcpy(info->consumer, request->asked.consumer, sizeof info->consumer - 1);
  if (request->debounce_us[line] > 0) {
    info->num_attrs = 1;
    info->attrs[0].id = GPIO_V2_LINE_ATTR_ID_DEBOUNCE;
    info->attrs[0].debounce_period_us = request->debounce_us[line];
  }
  return 0;
}

static int ask_chip(struct chip *chip, unsigned long question, void *argument) {
  if (chip->is_gone) return ENODEV;
  if (question == GPIO_V2_GET_LINEINFO_IOCTL) return get_line_info(chip, argument);
  if (question == GPIO_V2_GET_LINE_IOCTL) return get_line(chip, argument);
  if (question != GPIO_GET_CHIPINFO_IOCTL) return ENOTTY;
  struct gpiochip_info *info = argument;
  memset(info, 0, sizeof *info);
  memcpy(info->name, chip->name, sizeof info->name);
  memcpy(info->label, chip->label, sizeof info->label);
  info->lines = chip->lines;
  return 0;
}

static int ask_request(struct request *request, unsigned long question, void *argument) {
  if (request->is_gone) return ENODEV;
  if (question == GPIO_V2_LINE_SET_CONFIG_IOCTL) return configure(request, argument);
  if (question != GPIO_V2_LINE_GET_VALUES_IOCTL && question != GPIO_V2_LINE_SET_VALUES_IOCTL) {
    return ENOTTY;
  }
  struct gpio_v2_line_values *values = argument;
  if (question == GPIO_V2_LINE_GET_VALUES_IOCTL) values->bits = 0;
  for (unsigned line = 0; line < request->asked.num_lines; line++) {
    int level = request->chip->level[request->asked.offsets[line]];
    if (!(values->mask >> line & 1)) continue;
    if (question == GPIO_V2_LINE_GET_VALUES_IOCTL) {
      int told = request->debounce_us[line] > 0 ? request->told[line] : level;
      values->bits |= (uint64_t)is_logical(request, line, told) << line;
    } else if (request->flags[line] & GPIO_V2_LINE_FLAG_OUTPUT) {
      set_output(request, line, values->bits >> line & 1);
    } else {
      return EPERM;
    }
  }
  return 0;
}

static size_t take_edges(struct request *request, struct gpio_v2_line_event *events, size_t max) {
  size_t taken = 0;
  while (taken < max && request->count > 0) {
    events[taken++] = request->kept[request->first];
    request->first = (request->first + 1) % request->room;
    request->count--;
  }
  signal_edges(request);
  return taken;
}

static void let_go(struct request *request) {
  if (request->is_gone) return;
  request->is_gone = 1;
  memset(request->due_ns, 0, sizeof request->due_ns);
  real_close_of(request->signal_fd);
  for (unsigned line = 0; line < request->asked.num_lines; line++) {
    request->chip->holder[request->asked.offsets[line]] = NULL;
  }
}

static void end_request(struct request *request) {
  let_go(request);
  free(request->kept);
  free(request);
}

static void unplug(struct chip *chip) {
  chip->is_gone = 1;
  for (int fd = 0; fd < FDS_MAX; fd++) {
    if (request_by_fd[fd] && request_by_fd[fd]->chip == chip) let_go(request_by_fd[fd]);
  }
}

// ---- The wires: two threads, one for the test's commands and one that debounces.

static struct chip *chip_named(const char *name) {
  for (int at = 0; at < chip_count; at++) {
    if (strcmp(chips[at].name, name) == 0) return &chips[at];
  }
  return NULL;
}

static void wait_until(uint64_t ns) {
  struct timespec time = {(time_t)(ns / 1000000000u), (long)(ns % 1000000000u)};
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL) == EINTR) continue;
}

// Late changes follow at once, so that the rate is what was asked for. Close ones go in groups:
// a sleep of a few microseconds takes sixty.
static void burst(struct chip *chip, unsigned offset, unsigned count, unsigned gap_us) {
  enum { SLEEP_NS_MIN = 200000 };
  uint64_t due = now_ns(CLOCK_MONOTONIC);
  for (unsigned change = 0; change < count; change++) {
    if (due > now_ns(CLOCK_MONOTONIC) + (gap_us < 100 ? SLEEP_NS_MIN : 0)) wait_until(due);
    pthread_mutex_lock(&lock);
    if (!chip->is_gone) drive_wire(chip, offset, !chip->level[offset]);
    pthread_mutex_unlock(&lock);
    due += gap_us * 1000ull;
  }
}

static void obey(const char *line, FILE *answers) {
  char verb[16] = "", name[32] = "";
  unsigned offset = 0, value = 0, gap_us = 0;
  sscanf(line, "%15s %31s %u %u %u", verb, name, &offset, &value, &gap_us);
  struct chip *chip = chip_named(name);
  int is_wire = chip && offset < chip->lines;
  int is_burst = is_wire && strcmp(verb, "burst") == 0;
  pthread_mutex_lock(&lock);
  if (strcmp(verb, "dropped") == 0) {
    fprintf(answers, "%lu\n", dropped);
  } else if (is_wire && strcmp(verb, "get") == 0) {
    fprintf(answers, "%d\n", chip->level[offset]);
  } else if (is_wire && strcmp(verb, "set") == 0) {
    drive_wire(chip, offset, value != 0);
    fputs("ok\n", answers);
  } else if (chip && strcmp(verb, "unplug") == 0) {
    unplug(chip);
    fputs("ok\n", answers);
  } else if (chip && strcmp(verb, "plug") == 0) {
    chip->is_gone = 0;
    fputs("ok\n", answers);
  } else {
    fputs(is_burst ? "ok\n" : "what?\n", answers);
  }
  pthread_mutex_unlock(&lock);
  fflush(answers);
  if (is_burst) burst(chip, offset, value, gap_us);
}

static void *serve(void *argument) {
  int listening = *(int *)argument;
  char line[128];
  for (;;) {
    int fd = accept4(listening, NULL, NULL, SOCK_CLOEXEC);
    if (fd < 0) continue;
    FILE *commands = fdopen(fd, "r"), *answers = fdopen(dup(fd), "w");
    while (fgets(line, sizeof line, commands)) obey(line, answers);
    fclose(commands);
    fclose(answers);
  }
  return NULL;
}

static void *debounce(void *argument) {
  (void)argument;
  pthread_mutex_lock(&lock);
  for (;;) {
    uint64_t next = settle_all();
    struct timespec time = {(time_t)(next / 1000000000u), (long)(next % 1000000000u)};
    if (next == 0) pthread_cond_wait(&changed, &lock);
    else pthread_cond_timedwait(&changed, &lock, &time);
  }
  return NULL;
}

static void start_threads(void) {
  static int listening;
  const char *path = getenv("GPIOSIM_CONTROL");
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  pthread_t thread;
  pthread_condattr_t monotonic;
  pthread_condattr_init(&monotonic);
  pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
  pthread_cond_init(&changed, &monotonic);
  pthread_create(&thread, NULL, debounce, NULL);
  if (!path || strlen(path) >= sizeof address.sun_path) return;
  strcpy(address.sun_path, path);
  unlink(path);
  listening = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (bind(listening, (struct sockaddr *)&address, sizeof address) < 0 || listen(listening, 4) < 0) {
    perror("gpiosim: GPIOSIM_CONTROL");
    abort();
  }
  pthread_create(&thread, NULL, serve, &listening);
}

// ---- The functions of the C library that a program reaches a chip with.

// Reads the environment once. Only a program that opens a chip gets the threads, so that a shell
// on the way to it does not take the socket.
static struct chip *chip_at(const char *path) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  void read_environment(void);
  pthread_once(&once, read_environment);
  if (!path || strncmp(path, folder, strlen(folder)) != 0) return NULL;
  struct chip *chip = chip_named(path + strlen(folder));
  return chip && !chip->is_gone ? chip : NULL;
}

void read_environment(void) {
  const char *list = getenv("GPIOSIM_CHIPS");
  while (list && chip_count < CHIPS_MAX) {
    struct chip *chip = &chips[chip_count];
    if (sscanf(list, "%31[^=]=%31[^:]:%u", chip->name, chip->label, &chip->lines) == 3 &&
        chip->lines <= LINES_MAX) {
      chip_count++;
    }
    list = strchr(list, ',');
    if (list) list++;
  }
}

static int open_chip(struct chip *chip) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  int ends[2];
  pthread_once(&once, start_threads);
  if (pipe2(ends, O_CLOEXEC) < 0) return -1;
  real_close_of(ends[1]);
  pthread_mutex_lock(&lock);
  chip_by_fd[ends[0]] = chip;
  pthread_mutex_unlock(&lock);
  return ends[0];
}

#define OPEN(name)                                              \
  int name(const char *path, int flags, ...) {                  \
    REAL(int, name, const char *, int, ...);                    \
    va_list rest;                                               \
    va_start(rest, flags);                                      \
    unsigned mode = va_arg(rest, unsigned);                     \
    va_end(rest);                                               \
    struct chip *chip = chip_at(path);                          \
    return chip ? open_chip(chip) : real_##name(path, flags, mode); \
  }
OPEN(open)
OPEN(open64)

int ioctl(int fd, unsigned long question, ...) {
  REAL(int, ioctl, int, unsigned long, ...);
  va_list rest;
  va_start(rest, question);
  void *argument = va_arg(rest, void *);
  va_end(rest);
  // Only what is for GPIO; FIONBIO, for one, is for the pipe.
  if (fd < 0 || fd >= FDS_MAX || _IOC_TYPE(question) != 0xb4) {
    return real_ioctl(fd, question, argument);
  }
  question &= 0xffffffff;
  pthread_mutex_lock(&lock);
  int failed = chip_by_fd[fd]      ? ask_chip(chip_by_fd[fd], question, argument)
               : request_by_fd[fd] ? ask_request(request_by_fd[fd], question, argument)
                                   : ENOTTY;
  pthread_mutex_unlock(&lock);
  errno = failed;
  return failed ? -1 : 0;
}

ssize_t read(int fd, void *bytes, size_t length) {
  if (fd < 0 || fd >= FDS_MAX || !request_by_fd[fd]) return real_read_of(fd, bytes, length);
  struct request *request = request_by_fd[fd];
  size_t max = length / sizeof(struct gpio_v2_line_event);
  if (max == 0) {
    errno = EINVAL;
    return -1;
  }
  for (;;) {
    pthread_mutex_lock(&lock);
    int is_gone = request->is_gone;
    size_t taken = is_gone ? 0 : take_edges(request, bytes, max);
    pthread_mutex_unlock(&lock);
    if (taken > 0) return (ssize_t)(taken * sizeof(struct gpio_v2_line_event));
    if (is_gone || fcntl(fd, F_GETFL) & O_NONBLOCK) {
      errno = is_gone ? ENODEV : EAGAIN;
      return -1;
    }
    struct pollfd waiting = {.fd = fd, .events = POLLIN};
    poll(&waiting, 1, -1);
  }
}

int close(int fd) {
  if (fd >= 0 && fd < FDS_MAX && (chip_by_fd[fd] || request_by_fd[fd])) {
    pthread_mutex_lock(&lock);
    if (request_by_fd[fd]) end_request(request_by_fd[fd]);
    request_by_fd[fd] = NULL;
    chip_by_fd[fd] = NULL;
    pthread_mutex_unlock(&lock);
  }
  return real_close_of(fd);
}

// What libuv lists a folder with. The names are not sorted in; nobody asks for that.
int scandir64(const char *path, struct dirent64 ***found, int (*filter)(const struct dirent64 *),
              int (*compare)(const struct dirent64 **, const struct dirent64 **)) {
  REAL(int, scandir64, const char *, struct dirent64 ***, int (*)(const struct dirent64 *),
       int (*)(const struct dirent64 **, const struct dirent64 **));
  int count = real_scandir64(path, found, filter, compare);
  size_t length = strlen(folder) - 1;
  if (count < 0 || strncmp(path, folder, length) != 0 || path[length] != 0) return count;
  chip_at(path);
  struct dirent64 **list = realloc(*found, ((size_t)count + CHIPS_MAX) * sizeof *list);
  if (!list) abort();
  for (int at = 0; at < chip_count; at++) {
    if (chips[at].is_gone) continue;
    struct dirent64 *entry = calloc(1, sizeof *entry);
    if (!entry) abort();
    entry->d_type = DT_CHR;
    memcpy(entry->d_name, chips[at].name, sizeof chips[at].name);
    list[count++] = entry;
  }
  *found = list;
  return count;
}

// ---- What libgpiod looks at before it believes that a file is a chip.

#define STAT(name, type)                              \
  int name(const char *path, struct type *stat) {     \
    REAL(int, name, const char *, struct type *);     \
    struct chip *chip = chip_at(path);                \
    if (!chip) return real_##name(path, stat);        \
    memset(stat, 0, sizeof *stat);                    \
    stat->st_mode = S_IFCHR | 0660;                   \
    stat->st_rdev = makedev(254, (unsigned)(chip - chips)); \
    return 0;                                         \
  }
STAT(stat, stat)
STAT(lstat, stat)
STAT(stat64, stat64)
STAT(lstat64, stat64)

int access(const char *path, int mode) {
  REAL(int, access, const char *, int);
  return chip_at(path) ? 0 : real_access(path, mode);
}

char *realpath(const char *path, char *resolved) {
  REAL(char *, realpath, const char *, char *);
  const char *is_chip = "/sys/dev/char/254:";
  if (strncmp(path, is_chip, strlen(is_chip)) != 0) return real_realpath(path, resolved);
  return resolved ? strcpy(resolved, "/sys/bus/gpio") : strdup("/sys/bus/gpio");
}
