// What glibc's allocator does with memory that is freed; nothing elsewhere.
#pragma once
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Keeps up to `bytes` of freed memory in this process, in blocks of less than 32 MiB each, which is glibc's own limit.
void allocator_keep(size_t bytes);

#ifdef __cplusplus
}
#endif
