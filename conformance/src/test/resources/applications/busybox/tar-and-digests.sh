mkdir -p /tmp/src/sub
i=0
while [ $i -lt 50 ]; do
    seq $i 500 > /tmp/src/sub/file$i
    i=$((i + 1))
done
ln -s file1 /tmp/src/sub/link
cd /tmp
tar cf one.tar src
mkdir out
tar xf one.tar -C out
diff -r src out/src && echo same
(cd out/src && find . -type f | sort | xargs md5sum) | md5sum
tar cz src | tar tzv | wc -l
gzip -c one.tar | gunzip -c | cmp - one.tar && echo gzip same
find /bin /etc -type f | sort | xargs md5sum
sha256sum /bin/busybox
