# gdb: breakpoints, stepping, watchpoints, threads, signals, forks, core files, attaching. Addresses
# and process numbers are taken out.
cd /tmp
cat >t.c <<'C'
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
struct point {
    int x, y;
    double z;
};
volatile int shared;
int table[4];
int fib(int n)
{
    return n < 2 ? n : fib(n - 1) + fib(n - 2);
}
static void *thread(void *argument)
{
    shared += (int)(long)argument;
    return argument;
}
static void on(int signal)
{
    shared = 77;
}
static int work(struct point *p)
{
    p->x = fib(6);
    p->y = p->x * 2;
    p->z = p->y / 3.0;
    return p->y;
}
int main(int argc, char **argv)
{
    struct point p = {1, 2, 3.5};
    pthread_t a;
    work(&p);
    pthread_create(&a, 0, thread, (void *)1);
    pthread_join(a, 0);
    table[2] = 5;
    table[2] = 6;
    signal(SIGUSR1, on);
    raise(SIGUSR1);
    pid_t child = fork();
    if (!child) {
        shared = 9;
        _exit(3);
    }
    int status;
    waitpid(child, &status, 0);
    printf("child %d shared %d\n", WEXITSTATUS(status), shared);
    if (argc > 1) abort();
    return 4;
}
C
gcc -g -O0 -pthread -o t t.c
debug() {
    gdb -q -batch -nx "$@" 2>&1 | sed -E '/^warning: target file/d; s/0x[0-9a-f]+/HEX/g
        s/(process|LWP) [0-9]+/\1 N/g; s/ +HEX/ HEX/; s/process N +/process N /; /^\[Thread .* exited\]/d
        s/(\$1 = )[0-9]+$/\1NUMBER/; /syscall-template/d'
}
echo "== breakpoint, steps"
debug -ex 'break work' -ex run -ex bt -ex next -ex next -ex 'print *p' -ex step -ex finish \
    -ex 'print fib(5)' -ex 'info registers cs ss' -ex 'print $xmm0.v2_double' -ex 'tbreak fib' \
    -ex 'print fib(3)' -ex continue ./t
echo "== threads"
debug -ex 'break thread' -ex run -ex 'info threads' -ex 'thread apply all bt 1' -ex continue ./t
echo "== watchpoints"
debug -ex 'break main' -ex run -ex 'watch table[2]' -ex continue -ex continue -ex 'delete 2' \
    -ex 'rwatch shared' -ex continue ./t
echo "== breakpoint of the processor"
debug -ex 'break main' -ex run -ex 'hbreak on' -ex continue -ex bt -ex continue ./t
echo "== signals"
debug -ex 'handle SIGUSR1 stop print' -ex run -ex 'print $_siginfo.si_signo' -ex 'signal 0' ./t
echo "== calls"
debug -ex 'catch syscall write' -ex run -ex 'print $orig_rax' -ex continue -ex 'print $rax' -ex continue ./t
echo "== forks and programs"
debug -ex 'set follow-fork-mode child' -ex 'catch fork' -ex run -ex continue ./t
debug -ex 'catch exec' -ex run -ex continue --args /bin/sh -c 'exec /bin/echo hello'
echo "== core file"
debug -ex run -ex 'bt -1' -ex 'generate-core-file /tmp/core1' --args ./t x
debug -ex 'bt -1' -ex 'print shared' ./t /tmp/core1
echo "== attach"
sleep 100 &
target=$!
while ! grep -q '^State:.S' /proc/$target/status; do :; done
debug -ex 'bt -1' -ex "call (int)getpid() == $target" -ex detach -p $target
kill $target
wait $target
echo "status $?"
echo "== attach to threads"
cat >a.c <<'C'
#include <pthread.h>
#include <unistd.h>
static void *wait_in_thread(void *argument)
{
    for (;;) usleep(20000);
}
int main(void)
{
    pthread_t t;
    for (int i = 0; i < 3; i++) pthread_create(&t, 0, wait_in_thread, 0);
    for (;;) pause();
}
C
gcc -g -pthread -o a a.c
./a &
target=$!
while ! grep -q '^Threads:.4' /proc/$target/status; do :; done
debug -ex 'thread apply all bt -1' -ex detach -p $target | grep -E '^(Thread|#[0-9]+ HEX in main|\[Inf)'
gcore -o core $target 2>&1 | sed -nE 's/(Saved corefile core).*/\1/p'
debug -ex 'info threads' ./a core.$target | grep -c Thread
timeout -s INT 0.5 strace -f -qq -e trace=clock_nanosleep -o log -p $target
cut -d ' ' -f 1 log | sort -u | wc -l
grep -E '^(TracerPid|Threads)' /proc/$target/status
kill $target
wait $target
echo "status $?"
