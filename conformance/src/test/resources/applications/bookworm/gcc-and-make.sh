# A small C project: make with two jobs, a static and a shared library, a program that uses them.
set -e
mkdir /tmp/project
cd /tmp/project
cat >hello.c <<'C'
#include <stdio.h>
int square(int);
int cube(int);
int main(void)
{
    printf("hello %d %d\n", square(5), cube(3));
    return 3;
}
C
echo 'int square(int x) { return x * x; }' >square.c
echo 'int cube(int x) { return x * x * x; }' >cube.c
printf '%b\n' 'hello: hello.o libsquare.a libcube.so' \
    '\tgcc -o $@ hello.o -L. -lsquare -lcube -Wl,-rpath,$(CURDIR)' \
    'libsquare.a: square.o' '\tar rcD $@ $<' \
    'libcube.so: cube.c' '\tgcc -O2 -shared -fPIC -o $@ $<' >Makefile
make -j2 --output-sync=target CFLAGS=-O2 | sort
./hello || echo "status $?"
make
touch square.c
make -n | head -n 2
nm libsquare.a | grep square
objdump -d square.o | grep -c imul
echo 'int main(void) { return missing(); }' >bad.c
gcc -Werror=implicit-function-declaration -c bad.c || echo "status $?"
gcc -static -O2 -pthread -x c - -o threads <<'C'
#include <pthread.h>
#include <stdio.h>
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static long total;
static void *add(void *unused)
{
    for (int i = 0; i < 10000; i++) {
        pthread_mutex_lock(&lock);
        total++;
        pthread_mutex_unlock(&lock);
    }
    return unused;
}
int main(void)
{
    pthread_t t[8];
    for (int i = 0; i < 8; i++)
        pthread_create(&t[i], 0, add, 0);
    for (int i = 0; i < 8; i++)
        pthread_join(t[i], 0);
    printf("%ld\n", total);
}
C
./threads
