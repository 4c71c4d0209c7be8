declare -A map=([one]=1 [two]=2 [three]=3)
for k in $(printf '%s\n' "${!map[@]}" | sort); do echo "$k=${map[$k]}"; done
array=(a b "c d"); echo "${#array[@]} ${array[2]}"
[[ "foobar" =~ ^foo(.*)$ ]] && echo "${BASH_REMATCH[1]}"
diff <(seq 1 5) <(seq 2 6)
f() { local x=$1; ((x > 0)) && { echo "$x"; f $((x - 1)); }; }
f 5
printf '%05d %s %x\n' 42 text 255
mapfile -t lines < <(seq 3); echo "${lines[*]}"
coproc cat; echo hello >&"${COPROC[1]}"; read -r answer <&"${COPROC[0]}"; echo "$answer"; kill "$COPROC_PID"; wait "$COPROC_PID"
set -o pipefail; false | true; echo "status $?"
trap 'echo "error at $LINENO"' ERR; false
exec 5> /tmp/five; echo five >&5; exec 5>&-; cat /tmp/five
time_format=%R; TIMEFORMAT=x; time sleep 0.01
echo $((2**62)) "$BASHPID" "$PPID"
(sleep 0.1; echo late) & wait $!; echo done
read -t 0.05 -r nothing < <(sleep 1); echo "timeout $(( $? > 128 ))"
