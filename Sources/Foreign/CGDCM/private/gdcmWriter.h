// Debian keeps the headers in /usr/include/gdcm-3.0 and names no search path.
#pragma once
#include <gdcm-3.0/gdcmWriter.h>
