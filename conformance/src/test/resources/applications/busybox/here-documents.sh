name=world
cat <<END
hello $name
$(echo nested command)
END
cat <<'END'
no $expansion here
END
sort <<END | uniq -c
b
a
b
END
while read -r line; do echo "[$line]"; done <<END
one
two
END
