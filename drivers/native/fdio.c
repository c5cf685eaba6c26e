// What Node cannot do with a device of Linux: ioctl, reads and writes that never wait, and to be
// called when a file descriptor is ready. Nothing in here knows any device: what the bytes mean is
// decided in TypeScript. Results are values, or a negative errno; only a caller's mistake throws.
//
//   open(path, flags)             a descriptor that never waits
//   close(fd)
//   read(fd, bytes)               how many came; 0 is the end, or a device that had nothing
//   write(fd, bytes)              how many were taken
//   isHungUp(fd)                  whether the other end is gone
//   ioctl(fd, request, bytes)     the argument is a structure, changed in place
//   ioctlInt(fd, request, value)  the argument is the number itself
//   watch(fd, events, callback)   a watcher, or -errno; callback(status, events) as in uv_poll
//   rearm(watcher, events)        waits for other events
//   unwatch(watcher)              the callback is never called again
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <node_api.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <uv.h>

enum { PATH_BYTES_MAX = 4096, ARGUMENTS_MAX = 3, POINTER_BYTES_MAX = 8 };

// A caller's mistake: the callback returns at once and the exception goes to JavaScript.
#define EXPECT(condition, words)                                \
  do {                                                          \
    if (!(condition)) {                                         \
      napi_throw_type_error(env, "ERR_INVALID_ARG_TYPE", words); \
      return NULL;                                              \
    }                                                           \
  } while (0)

struct bytes {
  void *at;
  size_t length;
};

// Node calls back with whatever was passed; what is missing reads as undefined.
static int take(napi_env env, napi_callback_info info, size_t expected, napi_value *values) {
  size_t count = ARGUMENTS_MAX;
  return napi_get_cb_info(env, info, &count, values, NULL, NULL) == napi_ok && count >= expected;
}

static int take_int(napi_env env, napi_value value, int32_t *number) {
  return napi_get_value_int32(env, value, number) == napi_ok;
}

static int take_long(napi_env env, napi_value value, int64_t *number) {
  return napi_get_value_int64(env, value, number) == napi_ok;
}

static int take_bytes(napi_env env, napi_value value, struct bytes *bytes) {
  napi_typedarray_type type;
  bool is_array = false;
  if (napi_is_typedarray(env, value, &is_array) != napi_ok || !is_array) return 0;
  return napi_get_typedarray_info(env, value, &type, &bytes->length, &bytes->at, NULL, NULL) ==
             napi_ok &&
         type == napi_uint8_array;
}

static napi_value give(napi_env env, int64_t number) {
  napi_value value = NULL;
  napi_create_int64(env, number, &value);
  return value;
}

static napi_value give_result(napi_env env, ssize_t result) {
  return give(env, result < 0 ? -errno : result);
}

static napi_value fdio_open(napi_env env, napi_callback_info info) {
  napi_value values[ARGUMENTS_MAX];
  int32_t flags;
  char path[PATH_BYTES_MAX];
  size_t length;
  EXPECT(take(env, info, 2, values) && take_int(env, values[1], &flags) &&
             napi_get_value_string_utf8(env, values[0], path, sizeof path, &length) == napi_ok,
         "open(path, flags)");
  if (length == sizeof path - 1) return give(env, -ENAMETOOLONG);
  if (strlen(path) != length) return give(env, -EINVAL);
  return give_result(env, open(path, flags | O_NONBLOCK | O_CLOEXEC | O_NOCTTY));
}

static napi_value fdio_close(napi_env env, napi_callback_info info) {
  napi_value values[ARGUMENTS_MAX];
  int32_t fd;
  EXPECT(take(env, info, 1, values) && take_int(env, values[0], &fd), "close(fd)");
  // Not again after EINTR: Linux has closed it all the same, and the number may be another's.
  return give_result(env, close(fd));
}

static napi_value fdio_read(napi_env env, napi_callback_info info) {
  napi_value values[ARGUMENTS_MAX];
  int32_t fd;
  struct bytes bytes;
  ssize_t result;
  EXPECT(take(env, info, 2, values) && take_int(env, values[0], &fd) &&
             take_bytes(env, values[1], &bytes),
         "read(fd, Uint8Array)");
  do {
    result = read(fd, bytes.at, bytes.length);
  } while (result < 0 && errno == EINTR);
  return give_result(env, result);
}

static napi_value fdio_write(napi_env env, napi_callback_info info) {
  napi_value values[ARGUMENTS_MAX];
  int32_t fd;
  struct bytes bytes;
  ssize_t result;
  EXPECT(take(env, info, 2, values) && take_int(env, values[0], &fd) &&
             take_bytes(env, values[1], &bytes),
         "write(fd, Uint8Array)");
  do {
    result = write(fd, bytes.at, bytes.length);
  } while (result < 0 && errno == EINTR);
  return give_result(env, result);
}

static napi_value fdio_is_hung_up(napi_env env, napi_callback_info info) {
  napi_value values[ARGUMENTS_MAX], answer = NULL;
  int32_t fd;
  EXPECT(take(env, info, 1, values) && take_int(env, values[0], &fd), "isHungUp(fd)");
  struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
  int ready = poll(&poll_fd, 1, 0);
  napi_get_boolean(env, ready > 0 && poll_fd.revents & (POLLHUP | POLLERR | POLLNVAL), &answer);
  return answer;
}

// asm-generic/ioctl.h: a request says how long its structure is. Old ones say 0, and a driver may
// be asked for less than what it writes; then room for a pointer is the least that is safe.
static napi_value fdio_ioctl(napi_env env, napi_callback_info info) {
  napi_value values[ARGUMENTS_MAX];
  int32_t fd;
  int64_t request;
  struct bytes bytes;
  int result;
  EXPECT(take(env, info, 3, values) && take_int(env, values[0], &fd) &&
             take_long(env, values[1], &request) && take_bytes(env, values[2], &bytes),
         "ioctl(fd, request, Uint8Array)");
  EXPECT(bytes.length >= _IOC_SIZE((uint32_t)request) && bytes.length >= POINTER_BYTES_MAX,
         "The array is shorter than what the request needs");
  do {
    result = ioctl(fd, (unsigned long)request, bytes.at);
  } while (result < 0 && errno == EINTR);
  return give_result(env, result);
}

static napi_value fdio_ioctl_int(napi_env env, napi_callback_info info) {
  napi_value values[ARGUMENTS_MAX];
  int32_t fd;
  int64_t request, value;
  EXPECT(take(env, info, 3, values) && take_int(env, values[0], &fd) &&
             take_long(env, values[1], &request) && take_long(env, values[2], &value),
         "ioctlInt(fd, request, number)");
  return give_result(env, ioctl(fd, (unsigned long)request, (long)value));
}

// The memory of a watcher is needed by libuv until its handle is closed, and by JavaScript until
// the object that stands for it is collected, in either order.
struct watcher {
  uv_poll_t poll;
  napi_env env;
  napi_ref callback;
  napi_async_context context;
  napi_async_cleanup_hook_handle hook;
  int is_closing, is_closed, is_collected;
};

static const napi_type_tag WATCHER_TAG = {0x7374616c6c6d6573, 0x6664696f77617463};

static void free_when_done(struct watcher *watcher) {
  if (watcher->is_closed && watcher->is_collected) free(watcher);
}

static void on_collected(napi_env env, void *data, void *hint) {
  (void)env, (void)hint;
  struct watcher *watcher = data;
  watcher->is_collected = 1;
  free_when_done(watcher);
}

static void on_closed(uv_handle_t *handle) {
  struct watcher *watcher = handle->data;
  watcher->is_closed = 1;
  if (watcher->hook) napi_remove_async_cleanup_hook(watcher->hook);
  free_when_done(watcher);
}

static void close_watcher(struct watcher *watcher) {
  if (watcher->is_closing) return;
  watcher->is_closing = 1;
  napi_delete_reference(watcher->env, watcher->callback);
  napi_async_destroy(watcher->env, watcher->context);
  uv_close((uv_handle_t *)&watcher->poll, on_closed);
}

// A worker that ends waits for the handle to be closed. The other kind of hook does not: libuv
// would write into memory that is gone.
static void on_environment_ends(napi_async_cleanup_hook_handle hook, void *data) {
  (void)hook;
  close_watcher(data);
}

static void on_ready(uv_poll_t *poll, int status, int events) {
  struct watcher *watcher = poll->data;
  napi_env env = watcher->env;
  napi_handle_scope scope;
  napi_value callback, receiver, error, arguments[2];
  if (watcher->is_closing || napi_open_handle_scope(env, &scope) != napi_ok) return;
  napi_get_reference_value(env, watcher->callback, &callback);
  napi_get_global(env, &receiver);
  arguments[0] = give(env, status);
  arguments[1] = give(env, events);
  napi_status called =
      napi_make_callback(env, watcher->context, receiver, callback, 2, arguments, NULL);
  if (called == napi_pending_exception &&
      napi_get_and_clear_last_exception(env, &error) == napi_ok) {
    napi_fatal_exception(env, error);
  }
  napi_close_handle_scope(env, scope);
}

// libuv sets the descriptor to never wait (uv_poll_init), also one that came out of an ioctl.
static napi_value fdio_watch(napi_env env, napi_callback_info info) {
  napi_value values[ARGUMENTS_MAX], name, external = NULL;
  napi_valuetype type;
  int32_t fd, events;
  uv_loop_t *loop;
  EXPECT(take(env, info, 3, values) && take_int(env, values[0], &fd) &&
             take_int(env, values[1], &events) &&
             napi_typeof(env, values[2], &type) == napi_ok && type == napi_function,
         "watch(fd, events, callback)");
  struct watcher *watcher = calloc(1, sizeof *watcher);
  if (!watcher) return give(env, -ENOMEM);
  if (napi_get_uv_event_loop(env, &loop) != napi_ok) {
    free(watcher);
    return give(env, -ECANCELED);
  }
  watcher->env = env;
  watcher->poll.data = watcher;
  int failed = uv_poll_init(loop, &watcher->poll, fd);
  if (failed) {
    free(watcher);
    return give(env, failed);
  }
  napi_create_string_utf8(env, "fdio.watch", NAPI_AUTO_LENGTH, &name);
  napi_create_reference(env, values[2], 1, &watcher->callback);
  napi_async_init(env, NULL, name, &watcher->context);
  napi_add_async_cleanup_hook(env, on_environment_ends, watcher, &watcher->hook);
  napi_create_external(env, watcher, on_collected, NULL, &external);
  napi_type_tag_object(env, external, &WATCHER_TAG);
  failed = uv_poll_start(&watcher->poll, events, on_ready);
  if (!failed) return external;
  close_watcher(watcher);
  return give(env, failed);
}

static struct watcher *take_watcher(napi_env env, napi_value value) {
  void *data = NULL;
  bool is_watcher = false;
  if (napi_check_object_type_tag(env, value, &WATCHER_TAG, &is_watcher) != napi_ok ||
      !is_watcher || napi_get_value_external(env, value, &data) != napi_ok) {
    return NULL;
  }
  return data;
}

static napi_value fdio_rearm(napi_env env, napi_callback_info info) {
  napi_value values[ARGUMENTS_MAX];
  int32_t events;
  struct watcher *watcher = NULL;
  EXPECT(take(env, info, 2, values) && take_int(env, values[1], &events) &&
             (watcher = take_watcher(env, values[0])) != NULL,
         "rearm(watcher, events)");
  if (watcher->is_closing) return give(env, -EBADF);
  if (events == 0) return give(env, uv_poll_stop(&watcher->poll));
  return give(env, uv_poll_start(&watcher->poll, events, on_ready));
}

static napi_value fdio_unwatch(napi_env env, napi_callback_info info) {
  napi_value values[ARGUMENTS_MAX];
  struct watcher *watcher = NULL;
  EXPECT(take(env, info, 1, values) && (watcher = take_watcher(env, values[0])) != NULL,
         "unwatch(watcher)");
  close_watcher(watcher);
  return NULL;
}

NAPI_MODULE_INIT() {
  static const struct {
    const char *name;
    napi_callback call;
  } functions[] = {
      {"open", fdio_open},         {"close", fdio_close}, {"read", fdio_read},
      {"write", fdio_write},       {"ioctl", fdio_ioctl}, {"ioctlInt", fdio_ioctl_int},
      {"isHungUp", fdio_is_hung_up}, {"watch", fdio_watch}, {"rearm", fdio_rearm},
      {"unwatch", fdio_unwatch},
  };
  for (size_t at = 0; at < sizeof functions / sizeof *functions; at++) {
    napi_value function;
    if (napi_create_function(env, functions[at].name, NAPI_AUTO_LENGTH, functions[at].call, NULL,
                             &function) != napi_ok ||
        napi_set_named_property(env, exports, functions[at].name, function) != napi_ok) {
      return NULL;
    }
  }
  // Which text this was built from, so that a test finds a binary that was left behind.
  napi_value source;
  napi_create_string_utf8(env, FDIO_SOURCE, NAPI_AUTO_LENGTH, &source);
  napi_set_named_property(env, exports, "source", source);
  return exports;
}
