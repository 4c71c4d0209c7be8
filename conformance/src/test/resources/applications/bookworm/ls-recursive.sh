ls -lR /etc | head -n 400
ls -la /usr/share
ls -1U /usr/bin | sort | md5sum
ls -i /etc/passwd | wc -w
ls -lR /usr/share/doc | md5sum
