// libjpeg-turbo's TurboJPEG interface (version 2 calls, which versions 2 and 3 both have).
#pragma once
#include <turbojpeg.h>
