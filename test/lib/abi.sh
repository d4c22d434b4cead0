#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# abi.sh LIBRARY - compare what libmemhp exports, and the layout of its structs, with abi.txt; the
# header must be valid C99 and C++ without any macro of the caller
#
# A line that is missing or has changed breaks programs: only ever add lines.
set -eu -o pipefail

library=$1
here=$(cd "$(dirname "$0")" && pwd)
header=$here/../../include/memhp/memhp.h
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Functions with their versions, then members: STRUCT.MEMBER OFFSET SIZE.
{
	nm -D --defined-only "$library" | awk '{ print $3 }' | LC_ALL=C sort
	awk '/^struct [a-z_]+ \{/ { name = $2 }
		/^}/ { name = "" }
		name && /^\t[^*]*;/ { sub(/;.*/, ""); sub(/.*[ *]/, ""); print name, $0 }' "$header" >"$work/members"
	{
		printf '#include <stddef.h>\n#include <stdio.h>\n#include "%s"\nint main(void)\n{\n' "$header"
		while read -r name member; do
			printf 'printf("%s.%s %%zu %%zu\\n", offsetof(struct %s, %s), sizeof(((struct %s *)0)->%s));\n' \
				"$name" "$member" "$name" "$member" "$name" "$member"
		done <"$work/members"
		printf 'return 0;\n}\n'
	} >"$work/layout.c"
	cc -o "$work/layout" "$work/layout.c"
	"$work/layout"
} >"$work/now"
diff -u "$here/abi.txt" "$work/now"

# Every function in the header is exported, and no other one.
diff <(sed 's/typedef.*//' "$header" | grep -oE '\bmemhp_[a-z_]+\(' | tr -d '(' | LC_ALL=C sort -u) \
	<(sed -n 's/@@.*//p' "$work/now")

cc -std=c99 -pedantic-errors -Wall -Wextra -Werror -fsyntax-only "$header"
# clang-tidy has a C++ compiler, and is there for the static checks.
clang-tidy --quiet '--checks=-*,bugprone-macro-parentheses,clang-diagnostic-*' '--warnings-as-errors=*' "$header" -- \
	-x c++ -std=c++98 -pedantic-errors -Wall -Wextra -Werror >&2
