// SPDX-License-Identifier: GPL-2.0-or-later
#include "libarchive.h"

#include <dlfcn.h>

bool libarchive_load(struct libarchive *ret_lib)
{
	void *lib = dlopen("libarchive.so.13", RTLD_LAZY);
	bool good = lib;

#define LOAD(name) good = good && (*(void **)&ret_lib->name = dlsym(lib, #name));
	LIBARCHIVE_FUNCTIONS(LOAD)
#undef LOAD
	return good;
}
