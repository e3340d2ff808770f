#include "twins.h"

static void check_count(size_t count) {
  const double lr = 0.01, beta1 = 0.9, beta2 = 0.999, eps = 1e-8, decay = 0.4;
  const double c1 = 1 - 0.9 * 0.9 * 0.9, c2 = 1 - 0.999 * 0.999 * 0.999;
  const operand p = random_operand(count, number_f32), g = random_operand(count, number_f32);
  const operand m = random_operand(count, number_f32), v = random_operand(count, number_f32);
  float *newP = p.numbers, *newM = m.numbers, *newV = v.numbers;
  for (size_t i = 0; i < count; ++i) v.values[i] = newV[i] = newV[i] * newV[i];
  adamw(newP, g.numbers, newM, newV, count, (float)lr, (float)beta1, (float)beta2, (float)eps, (float)decay, (float)c1, (float)c2);
  double squares = 0;
  for (size_t i = 0; i < count; ++i) {
    const double first = beta1 * m.values[i] + (1 - beta1) * g.values[i];
    const double second = beta2 * v.values[i] + (1 - beta2) * g.values[i] * g.values[i];
    const double wanted = p.values[i] * (1 - lr * decay) - lr * (first / c1) / (sqrt(second / c2) + eps);
    expect(fabs(newM[i] - first), 1e-6, "first moment", "%zu", count);
    expect(fabs(newV[i] - second), 2e-6, "second moment", "%zu", count);
    // A small second moment carries its own rounding, and that of beta2, into the step.
    expect(fabs(newP[i] - wanted), 1e-6 + 1e-5 * fabs(wanted - p.values[i]), "AdamW", "%zu", count);
    squares += g.values[i] * g.values[i];
  }
  expect(fabs(sum_of_squares(g.numbers, count) - squares), 1e-12 * (squares + 1), "sum of squares", "%zu", count);
  const operand target = random_operand(count, number_f32);
  ema(target.numbers, g.numbers, count, 0.996f);
  for (size_t i = 0; i < count; ++i)
    expect(fabs(((float *)target.numbers)[i] - (0.996 * target.values[i] + 0.004 * g.values[i])), 1e-6, "moving average",
           "%zu", count);
  release();
}

void check_optimiser(void) {
  for (size_t count = 0; count <= 70; ++count) check_count(count);
  check_count(1000);
}
