seq 1 20 | xargs -P2 -n1 sh -c 'echo $(( $0 * $0 ))' | sort -n
seq 1 1000 | xargs -P2 -n50 echo | wc -w
seq 1 5 | xargs -I{} echo "item {}"
printf 'a\0b c\0' | xargs -0 -n1 echo
find /etc -name '*.conf' -print0 | sort -z | xargs -0 cat | md5sum
echo | xargs -r false; echo "status $?"
echo x | xargs false; echo "status $?"
seq 1 40 | xargs -P4 -n1 true; echo "status $?"
