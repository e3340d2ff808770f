// LAPACKE. The complex types are named first because Swift cannot import C99's _Complex, which the header picks otherwise.
#pragma once
#define lapack_complex_float float
#define lapack_complex_double double
#include <lapacke.h>
