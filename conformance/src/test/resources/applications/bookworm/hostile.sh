# Programs that misbehave in all ways we know, each as another user: random calls with random
# arguments, jumps to anywhere, garbage over code, stack and signal frames, races on the memory that
# calls read, other doors to the kernel, random ptrace(2) requests and seccomp filters, memory,
# descriptors and processes until there are no more. A process that behaves notices none of it.
cd /tmp
cat >h.c <<'C'
/* Guests that misbehave, each in a child as another user; the parent goes on working. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static unsigned long state;
static unsigned long rnd(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state * 0x2545f4914f6cdd1dUL;
}

static unsigned below(unsigned n)
{
    return (rnd() >> 33) % n;
}

static char *area;

#define AREA (1 << 20)

static long argument(void)
{
    switch (below(12)) {
    case 0:
        return below(16);
    case 1:
        return (long) area + below(AREA);
    case 2:
        return (long) area + (below(AREA) & ~7);
    case 3:
        return -(long) below(4096);
    case 4:
        return 1L << below(64);
    case 5:
        return rnd();
    case 6:
        return below(4096);
    case 7:
        return (long) &state & ~4095L;
    case 8:
        return (long) argument;
    case 9:
        return 0x7ffffffff000L - below(8192);
    case 10:
        return (long) area + AREA - below(64);
    default:
        return 0;
    }
}

static void random_calls(void)
{
    for (int i = 0; i < 3000; i++) {
        if (i % 60 == 0) {
            pid_t p = fork();

            if (p) {
                if (p > 0)
                    waitpid(p, 0, 0);
                for (int j = 0; j < 100; j++)
                    rnd();
                i += 59;
                continue;
            }
            struct itimerval t = { { 0, 50000 }, { 0, 100000 } };
            setitimer(ITIMER_REAL, &t, 0);
        } else if (i % 60 == 59)
            _exit(0);
        for (int j = 0; j < 32; j++)
            ((long *) area)[below(AREA / 8)] = argument();
        long nr = below(20) == 0 ? (long) rnd() : below(470);

        switch (nr) {
        case SYS_exit:
        case SYS_exit_group:
        case SYS_pause:
        case SYS_rt_sigsuspend:
        case SYS_rt_sigreturn:
        case SYS_vfork:
        case SYS_select:
        case SYS_poll:
            continue;
        }
        syscall(nr, argument(), argument(), argument(), argument(), argument(), argument());
    }
}

static void jump_around(void)
{
    void (*f)(void) =(void(*)(void))(below(4) ? argument() : rnd() & 0x7fffffffffffL);

    f();
}

static void garbage_code(void)
{
    for (int i = 0; i < AREA / 8; i++)
        ((long *) area)[i] = rnd();
    mprotect(area, AREA, 7);
    for (int i = 0; i < 64; i++) {
        if (!fork()) {
            alarm(1);
            ((void (*)(void)) (area + below(AREA))) ();
            _exit(0);
        }
    }
    while (wait(0) > 0);
}

static void garbage_text(void)
{
    char *text = (char *) ((long) random_calls & ~4095L);

    mprotect(text, 8192, 7);
    for (int i = 0; i < 64; i++)
        text[below(8192)] = rnd();
    jump_around();
}

static void smash_stack(void)
{
    volatile char here[64];

    for (int i = -4096; i < 65536; i++)
        here[i] = rnd();
}

static volatile int racing;
static void *racer(void *a)
{
    while (racing) {
        switch (below(6)) {
        case 0:
            mprotect(area, AREA / 2, below(8));
            break;
        case 1:
            mmap(area + (below(128) << 12), 4096, below(8), MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS,
                 -1, 0);
            break;
        case 2:
            munmap(area + (below(128) << 12), 4096 * below(4));
            break;
        case 3:
            madvise(area, AREA, 4);
            break;
        case 4:
            mremap(area + (below(100) << 12), 4096, 8192, 1);
            break;
        default:
            for (int i = 0; i < 64; i++) {
                if (below(2))
                    break;
            }
        }
    }
    return 0;
}

static void *noise(void *a)
{
    while (racing) {
        long *p = (long *) (area + AREA / 2);

        p[below(AREA / 16)] = argument();
    } return 0;
}

static void race(void)
{
    pthread_t t[3];
    int fd = open("/dev/zero", O_RDWR), p[2];

    signal(SIGSEGV, SIG_DFL);
    pipe2(p, O_NONBLOCK);
    racing = 1;
    pthread_create(&t[0], 0, racer, 0);
    pthread_create(&t[1], 0, noise, 0);
    for (int i = 0; i < 2000; i++) {
        char *at = area + below(AREA / 2);

        switch (below(8)) {
        case 0:
            read(fd, at, 100000);
            break;
        case 1:
            write(p[1], at, 5000);
            break;
        case 2:
            read(p[0], at, 5000);
            break;
        case 3:{
                char *half = area + AREA / 2;

                syscall(SYS_writev, p[1], half + 8 * below(1000), below(64));
                break;
            }
        case 4:{
                char *half = area + AREA / 2;

                syscall(SYS_execve, at, half, half);
                break;
            }
        case 5:
            open(at, 0);
            break;
        case 6:{
                char *half = area + AREA / 2;

                syscall(SYS_futex, half + 4 * below(1000), below(16), below(4), half, half, 0);
                break;
            }
        default:{
                char *half = area + AREA / 2;

                syscall(SYS_ppoll, half, below(8), half, 0, 8);
            }
        }
    }
    racing = 0;
}

static void doors(void)
{
    for (int i = 0; i < 20; i++) {
        if (fork()) {
            wait(0);
            continue;
        }
        alarm(1);
        switch (i) {
        case 0:
            __asm__ volatile ("mov $20,%%eax; int $0x80":::"rax");

            break;
        case 1:
            __asm__ volatile ("sysenter");

            break;
        case 2:
            syscall(0x40000000 | SYS_getpid);
            break;
        case 3:
            ((long (*)(long *)) 0xffffffffff600400) (0);
            break;
        case 4:
            ((long (*)(long *)) 0xffffffffff600000) ((long *) 8);
            break;
        case 5:
            ((long (*)(void)) 0xffffffffff600123) ();
            break;
        case 6:
            printf("%d", *(int *) 0xffffffffff600000);
            break;
        case 7:
            __asm__ volatile ("hlt");

            break;
        case 8:
            __asm__ volatile ("int3");

            break;
        case 9:
            __asm__ volatile ("pushf; orl $0x100,(%rsp); popf; nop; nop");

            break;
        case 10:
            __asm__ volatile ("xor %eax,%eax; mov %eax,%ss");

            break;
        case 11:
            __asm__ volatile ("mov $0x23,%eax; mov %eax,%ds; mov %eax,%fs; mov %eax,%gs");

            break;
        case 12:
            __asm__ volatile ("mov $-1,%rsp; push %rax");

            break;
        case 13:
            __asm__ volatile ("mov $0x123456789abcdef0,%rsp; mov $39,%eax; syscall; push %rax");

            break;
        case 14:
            __asm__ volatile ("mov $39,%eax; std; syscall; cld");

            break;
        case 15:
            __asm__ volatile ("wrfsbase %0"::"r" (0x1000L));

            getpid();
            break;
        case 16:
            __asm__
                volatile
                ("pushf; orl $0x40000,(%rsp); popf; mov $39,%eax; syscall; movl 1(%rsp),%eax");
            break;
        case 17:
            __asm__ volatile ("lcall *(%0)"::"r" (area));

            break;
        case 18:
            __asm__
                volatile
                ("mov $0x2b,%eax; push %rax; push %rsp; pushf; push $0x23;"
                 "lea 1f(%rip),%rax; push %rax; iretq; 1: nop");
            break;
        case 19:
            __asm__ volatile ("ud2");

            break;
        }
        _exit(0);
    }
}

static void sigframes(void)
{
    stack_t s = { area, 0, 8192 };
    sigaltstack(&s, 0);
    for (int i = 0; i < AREA / 8; i++)
        ((long *) area)[i] = argument();
    __asm__ volatile ("mov %0,%%rsp; mov $15,%%eax; syscall"::"r" (area + 64 * below(1000)));
}

static void tracing(void)
{
    pid_t p = fork();

    if (!p) {
        alarm(2);
        for (;;) {
            getppid();
            if (below(3) == 0)
                raise(SIGUSR2);
            if (!fork())
                _exit(0);
        }
    }
    syscall(SYS_ptrace, 0x4206, p, 0, below(256));
    for (int i = 0; i < 3000; i++) {
        int st;

        waitpid(-1, &st, __WALL | WNOHANG);
        long request = below(4) ? below(40) : 0x4200 + below(20);

        syscall(SYS_ptrace, request, p + below(2), below(2) ? argument() : below(1000),
                below(2) ? argument() : (long) area);
    }
    kill(p, SIGKILL);
}

static void filters(void)
{
    for (int i = 0; i < 200; i++) {
        struct {
            unsigned short n;
            void *f;
        } fprog = { below(64), area + 8 * below(1000) };
        for (int j = 0; j < 600; j++)
            ((long *) area)[j] =
                below(3) ? (long) (below(200) & ~2) | (long) below(70) << 32 : argument();
        if (below(2))
            ((long *) area)[below(64)] = 0x7fff000000000006L;
        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
        syscall(SYS_seccomp, below(5), below(64) & ~2, &fprog);
        getppid();
    }
}

static void exhaust(void)
{
    struct rlimit r = { 256L << 20, 256L << 20 };
    setrlimit(RLIMIT_AS, &r);
    while (open("/dev/null", 0) >= 0);
    while (fork() > 0);
    char *p;

    while ((p = mmap(0, 8 << 20, 3, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)) != MAP_FAILED) {
        for (int i = 0; i < 8 << 20; i += 65536)
            p[i] = 1;
        if (below(8) == 0)
            fork();
    }
    while (fork() > 0);
    usleep(below(100000));
}

static void (*const kinds[])(void) =
    { random_calls, jump_around, garbage_code, garbage_text, smash_stack,
    race, doors, sigframes, tracing, filters, exhaust
};

int main(int argc, char **argv)
{
    long turns = atol(argv[1]);

    state = atol(argv[2]) * 2 + 1;
    int rounds = 0;

    mkdir("/tmp/h", 0777);
    chmod("/tmp/h", 0777);
    chdir("/tmp/h");
    do {
        unsigned long seed = rnd();
        int kind = rounds % 11;
        pid_t p = fork();

        if (!p) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            setsid();
            struct rlimit r = { 40, 40 };
            setrlimit(RLIMIT_NPROC, &r);
            r.rlim_cur = r.rlim_max = 1L << 30;
            setrlimit(RLIMIT_AS, &r);
            r.rlim_cur = r.rlim_max = 1L << 24;
            setrlimit(RLIMIT_FSIZE, &r);
            r.rlim_cur = r.rlim_max = 0;
            setrlimit(RLIMIT_CORE, &r);
            state = seed | 1;
            area = mmap(0, AREA, 3, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
            close(0);
            close(1);
            close(2);
            setgid(65534);
            setuid(65534);
            alarm(2);
            kinds[kind] ();
            _exit(0);
        }
        /* A well-behaved neighbour. */
        int st, fds[2];
        char text[32], back[32] = "";

        pipe(fds);
        for (int tries = 0;; tries++) {
            snprintf(text, sizeof text, "%d %d", rounds, tries);
            write(fds[1], text, sizeof text);
            read(fds[0], back, sizeof back);
            if (strcmp(text, back)) {
                printf("neighbour disturbed\n");
                return 1;
            }
            pid_t q = waitpid(p, &st, WNOHANG);

            if (q == p)
                break;
            if (tries > 400) {
                kill(-p, SIGKILL);
                kill(p, SIGKILL);
            }
            usleep(10000);
        }
        close(fds[0]);
        close(fds[1]);
        /* What it left behind. */
        fflush(stdout);
        if (!fork()) {
            setuid(65534);
            kill(-1, SIGKILL);
            _exit(0);
        }
        while (waitpid(-1, &st, 0) > 0);
        rounds++;
    } while (rounds < turns);
    printf("done\n");
    return 0;
}
C
gcc -w -O1 -pthread -o h h.c && ./h 11 1
