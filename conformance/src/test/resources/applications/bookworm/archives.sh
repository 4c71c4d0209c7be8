# tar through gzip, xz and bzip2-like round trips keeps names, modes, links and contents.
set -e
cd /tmp
mkdir tree
cp -r /usr/share/perl5 tree/perl
ln -s perl tree/link
ln tree/perl/*.pm tree/ 2>/dev/null || true
mkfifo tree/fifo
chmod 4755 tree/perl/Debian 2>/dev/null || true
find tree -exec touch -h -d '2020-01-01 00:00:00' {} +
for filter in gzip xz 'xz -0'; do
    tar --sort=name --numeric-owner -c tree | $filter >archive
    rm -rf out
    mkdir out
    $filter -dc archive | tar -x -C out
    (cd out && tar --sort=name --numeric-owner -c tree) | sha256sum
done
tar -tvf <(gzip -dc <(tar c tree | gzip)) | wc -l
