// Naive twins in 64 bits of what Kernels computes: one program for every instruction set, also those that an emulator plays.
#pragma once
#include "Kernels.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/// Memory until `release`, which checks that nothing was written beyond its end.
void *room(size_t bytes);
void release(void);

/// The same numbers on every machine.
uint64_t random_bits(void);
size_t random_between(size_t least, size_t most);
/// Of mean 0 and variance 1, within 3.5.
double random_number(void);

/// Numbers as a kernel takes them, and what they are after rounding.
typedef struct {
  int type;
  void *numbers;
  double *values;
} operand;
operand random_operand(size_t count, int type);
/// Rows `stride` numbers apart with NaN between them; the last row ends with its last number. With bf16 an odd width has one finite
/// number more.
operand random_rows(size_t rows, size_t width, size_t stride, int type);
/// Where the i-th number lies.
void *at(const void *numbers, size_t i, int type);
double number_at(const void *numbers, size_t i, int type);
float *random_floats(size_t count);

/// Counts the error as wrong where it is above the tolerance or not a number.
void expect(double error, double tolerance, const char *what, const char *facts, ...) __attribute__((format(printf, 4, 5)));
/// How far a number kept as `type` may be from the exact one through its rounding alone.
double rounding(int type, double wanted);

void check_products(void);
void check_attention(void);
void check_layer_norm(void);
void check_activations(void);
void check_rows(void);
void check_numbers(void);
void check_optimiser(void);
void check_pictures(void);
void check_augmentation(void);
