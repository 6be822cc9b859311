// The few C functions that Swift cannot import: see CPlatform.md. These headers include nothing of the C library but
// <stdint.h>: what its feature macros change would clash with the Glibc module's own view of the same headers.
#pragma once

#include "CPlatformAtomics.h"
#include "CPlatformProcessor.h"
#include "CPlatformSystem.h"
#include "CPlatformUring.h"
