{
  "variables": { "fdio_source%": "unknown" },
  "targets": [
    {
      "target_name": "fdio",
      "sources": ["fdio.c"],
      "defines": ["NAPI_VERSION=8", "FDIO_SOURCE=\"<(fdio_source)\""],
      "cflags": ["-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror"]
    }
  ]
}
