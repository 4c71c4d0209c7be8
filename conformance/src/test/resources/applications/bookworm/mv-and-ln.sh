cd /tmp
mkdir a; echo x > a/f; mv a b; cat b/f
echo y > y; mv -n y b/f; ls; cat b/f
mv -v y b/
ln -sf /etc/passwd p; readlink -f p
ln -s loop loop; cat loop; echo "status $?"
ln /etc/passwd hard 2>&1; echo "status $?"
mv /usr/share/doc /usr/share/doc2; ls /usr/share | grep doc
mv /usr/share/doc2/bash /tmp/; ls /tmp/bash | head -n 3
mv nonexistent z; echo "status $?"
mkdir -p d1/d2; mv d1 d1/d2; echo "status $?"
rm -r b d1; ls
ln -T -s x y z; echo "status $?"
