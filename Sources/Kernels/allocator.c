#include "allocator.h"

#include <limits.h>
#if defined(__GLIBC__)
#include <malloc.h>
#endif

void allocator_keep(size_t bytes) {
#if defined(__GLIBC__)
  mallopt(M_MMAP_THRESHOLD, 32 << 20);
  mallopt(M_TRIM_THRESHOLD, bytes < INT_MAX ? (int)bytes : INT_MAX);
#else
  (void)bytes;
#endif
}
