seq 1 1000 | grep 7 | sort -rn | head -n 5
echo one two three | tr ' ' '\n' | while read -r word; do echo "<$word>"; done
yes | head -n 20000 | wc -l
( echo a; exit 3 ) | cat
echo "status $?"
false | true
echo "status $?"
! true
echo "status $?"
seq 1 100000 | awk '{ s += $1 } END { print s }'
