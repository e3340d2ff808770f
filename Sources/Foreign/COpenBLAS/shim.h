// OpenBLAS: CBLAS products and the thread and kernel controls.
#pragma once
#include <cblas.h>
