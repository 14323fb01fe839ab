# SPDX-License-Identifier: Apache-2.0
# Completion for bash: asks notar itself, so it knows what this version knows.
_notar() {
	local word=${COMP_WORDS[COMP_CWORD]} words
	COMPREPLY=()
	if [ "$COMP_CWORD" -eq 1 ]; then
		words=$(notar --help 2>/dev/null | sed -n 's/^  notar \([a-z-]*\).*/\1/p')
	elif [ "${word:0:1}" = - ]; then
		words=$(notar "${COMP_WORDS[1]}" --help 2>/dev/null | sed -n 's/^  \(--[a-z-]*\).*/\1/p')
	elif [ "$COMP_CWORD" -eq 2 ]; then
		# "audit verify|show FILE...": the words to choose from.
		words=$(notar "${COMP_WORDS[1]}" --help 2>/dev/null |
			sed -n '1s/.*\] \([a-z]*|[a-z|]*\).*/\1/p' | tr '|' ' ')
	else
		return 0
	fi
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}
complete -o default -F _notar notar
