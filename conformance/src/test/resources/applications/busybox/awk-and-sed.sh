awk 'BEGIN { for (i = 0; i < 5; i++) printf "%d %s\n", i * i, toupper("abc") }'
printf 'k1 3\nk2 4\nk1 5\n' | awk '{ s[$1] += $2 } END { for (k in s) print k, s[k] }' | sort
printf 'alpha\nbeta\ngamma\n' > /tmp/words
sed -e 's/a/A/g' -e '/beta/d' /tmp/words
sed -i 's/gamma/delta/' /tmp/words
cat /tmp/words
sed -n '2,$p' /tmp/words
awk -F: '{ print $1, $NF }' /etc/passwd
echo 'a,b;c' | sed 's/[,;]/\n/g'
