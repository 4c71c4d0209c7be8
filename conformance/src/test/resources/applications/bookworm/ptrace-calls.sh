# What ptrace(2) answers and reports, request by request; process_vm_readv(2), /proc/PID/mem.
cd /tmp
cat >p.c <<'C'
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <linux/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <elf.h>
#include <unistd.h>
#include <time.h>
#define P(r,p,a,d) syscall(SYS_ptrace,(long)(r),(long)(p),(long)(a),(long)(d))
static pid_t self_child;
static const char *sn(int s)
{
  static char b[32];

  snprintf(b, 32, "%d", s);
  return b;
}

static void show(const char *what, pid_t p, int st)
{
  printf("%s: ", what);
  if (WIFEXITED(st))
    printf("exited %d\n", WEXITSTATUS(st));
  else if (WIFSIGNALED(st))
    printf("killed %d\n", WTERMSIG(st));
  else if (WIFCONTINUED(st))
    printf("continued\n");
  else if (WIFSTOPPED(st)) {
    printf("stopped sig %s event %d", sn(WSTOPSIG(st)), st >> 16);
    siginfo_t si;

    memset(&si, 0, sizeof si);
    long r = P(PTRACE_GETSIGINFO, p, 0, &si);

    if (r < 0)
      printf(" noinfo %s", strerror(errno));
    else
      printf(" signo %d code %d", si.si_signo, si.si_code);
    printf("\n");
  }
}

static int w(const char *what, pid_t p, int flags)
{
  int st = 0;
  pid_t r = waitpid(p, &st, flags);

  if (r != p) {
    printf("%s: wait %s %s\n", what, r < 0 ? "error" : "other", r < 0 ? strerror(errno) : "");
    return st;
  }
  show(what, p, st);
  return st;
}

static void e(const char *what, long r)
{
  printf("%s: %s\n", what, r < 0 ? strerror(errno) : r ? "nonzero" : "ok");
}

static pid_t traced(void (*f)(void))
{
  fflush(stdout);
  pid_t p = fork();

  if (!p) {
    P(PTRACE_TRACEME, 0, 0, 0);
    raise(SIGSTOP);
    f();
    _exit(7);
  }
  return p;
}

static pid_t plain(void (*f)(void))
{
  fflush(stdout);
  pid_t p = fork();

  if (!p) {
    f();
    _exit(7);
  }
  return p;
}

static void nothing(void)
{
}

static void spin(void)
{
  for (;;)
    sleep(1);
}

static void calls(void)
{
  getppid();
  write(-1, "x", 1);
  getppid();
}

static void sigs(void)
{
  raise(SIGUSR1);
  raise(SIGUSR2);
}

static void forks(void)
{
  pid_t p = fork();

  if (!p)
    _exit(1);
  waitpid(p, 0, 0);
  p = vfork();
  if (!p)
    _exit(2);
  waitpid(p, 0, 0);
}

static void *th(void *a)
{
  getppid();
  return 0;
}

static void threads(void)
{
  pthread_t t;

  pthread_create(&t, 0, th, 0);
  pthread_join(t, 0);
}

static void execs(void)
{
  execl("/bin/true", "true", NULL);
}

static void *exth(void *a)
{
  execl("/bin/true", "true", NULL);
  return 0;
}

static void thexec(void)
{
  pthread_t t;

  pthread_create(&t, 0, exth, 0);
  pause();
}

static void handler(int s)
{
}

static void sleeper(void)
{
  struct timespec t = { 0, 300000000 }, r = { 9, 9 };
  signal(SIGUSR1, handler);
  int x = nanosleep(&t, &r);

  _exit(x ? errno : 0);
}

static int data = 42;
static const int ro = 43;
static void selfstop(void)
{
  raise(SIGSTOP);
  _exit(5);
}

static void tstp(void)
{
  raise(SIGTSTP);
  raise(SIGTSTP);
}

int main()
{
  setvbuf(stdout, 0, _IOLBF, 0);
  int st;
  pid_t p;
  struct user_regs_struct r;

  printf("-- basic\n");
  p = traced(nothing);
  w("stop", p, 0);
  e("cont", P(PTRACE_CONT, p, 0, 0));
  w("end", p, 0);
  e("gone", P(PTRACE_CONT, p, 0, 0));
  e("self", P(PTRACE_ATTACH, getpid(), 0, 0));
  e("none", P(PTRACE_ATTACH, 999999, 0, 0));
  e("nottracee", P(PTRACE_CONT, getppid(), 0, 0));
  p = traced(nothing);
  w("stop", p, 0);
  e("badreq", P(12345, p, 0, 0));
  e("badsig", P(PTRACE_CONT, p, 0, 65));
  e("badopt", P(PTRACE_SETOPTIONS, p, 0, 1 << 12));
  e("seize traced", P(PTRACE_SEIZE, p, 0, 0));
  e("attach traced", P(PTRACE_ATTACH, p, 0, 0));
  e("interrupt", P(PTRACE_INTERRUPT, p, 0, 0));
  e("listen", P(PTRACE_LISTEN, p, 0, 0));
  e("peekusr odd", P(PTRACE_PEEKUSER, p, 3, &st));
  e("peekusr big", P(PTRACE_PEEKUSER, p, sizeof(struct user), &st));
  e("peek bad", P(PTRACE_PEEKDATA, p, 8, &st));
  e("pokeusr mid", P(PTRACE_POKEUSER, p, offsetof(struct user, u_tsize), 0));
  e("poke cs 0", P(PTRACE_POKEUSER, p, offsetof(struct user, regs.cs), 0));
  e("poke cs 1", P(PTRACE_POKEUSER, p, offsetof(struct user, regs.cs), 1));
  e("poke fsbase", P(PTRACE_POKEUSER, p, offsetof(struct user, regs.fs_base), -1L));
  e("poke eflags", P(PTRACE_POKEUSER, p, offsetof(struct user, regs.eflags), -1L));
  long v = 0;
  P(PTRACE_PEEKUSER, p, offsetof(struct user, regs.eflags), &v);

  printf("eflags %lx\n", v);
  P(PTRACE_POKEUSER, p, offsetof(struct user, regs.eflags), 0x202);

  e("getregs fault", P(PTRACE_GETREGS, p, 0, 8));
  e("siginfo fault", P(PTRACE_GETSIGINFO, p, 0, 8));
  P(PTRACE_PEEKDATA, p, &data, &v);
  printf("data %d\n", (int) v);
  e("poke", P(PTRACE_POKEDATA, p, &data, 99));
  P(PTRACE_PEEKDATA, p, &data, &v);
  printf("data %d own %d\n", (int) v, data);
  e("poke ro", P(PTRACE_POKEDATA, p, &ro, 5));
  P(PTRACE_PEEKDATA, p, &ro, &v);
  printf("ro %d own %d\n", (int) v, ro);
  e("kill", P(PTRACE_KILL, p, 0, 0));
  w("killed", p, 0);
  printf("-- regsets\n");
  p = traced(nothing);
  w("stop", p, 0);
  char buf[8192];
  struct iovec io = { buf, sizeof buf };
  e("prstatus", P(PTRACE_GETREGSET, p, NT_PRSTATUS, &io));
  printf("len %zu\n", io.iov_len);
  io.iov_len = sizeof buf;
  e("prfpreg", P(PTRACE_GETREGSET, p, NT_PRFPREG, &io));
  printf("len %zu cw %x mxcsr %x\n", io.iov_len, *(short *) buf & 0xffff, *(int *) (buf + 24));
  io.iov_len = sizeof buf;
  e("xstate", P(PTRACE_GETREGSET, p, NT_X86_XSTATE, &io));
  unsigned long full = io.iov_len;

  printf("len ok %d xcr0 %d\n", full >= 576, (int) (*(long *) (buf + 464) & 3));
  e("set xstate", P(PTRACE_SETREGSET, p, NT_X86_XSTATE, &io));
  io.iov_len = full - 8;
  e("set short", P(PTRACE_SETREGSET, p, NT_X86_XSTATE, &io));
  io.iov_len = 20;
  e("odd len", P(PTRACE_GETREGSET, p, NT_PRSTATUS, &io));
  io.iov_len = 16;
  e("short", P(PTRACE_GETREGSET, p, NT_PRSTATUS, &io));
  printf("len %zu\n", io.iov_len);
  io.iov_len = 8;
  e("bad type", P(PTRACE_GETREGSET, p, 77, &io));
  struct user_fpregs_struct fp;

  e("fpregs", P(PTRACE_GETFPREGS, p, 0, &fp));
  fp.xmm_space[4] = 0x1234;
  fp.mxcsr = 0x1f80;
  e("setfpregs", P(PTRACE_SETFPREGS, p, 0, &fp));
  memset(&fp, 0, sizeof fp);
  P(PTRACE_GETFPREGS, p, 0, &fp);
  printf("xmm1 %x\n", fp.xmm_space[4]);
  unsigned long mask = 0;

  e("getsigmask", P(PTRACE_GETSIGMASK, p, 8, &mask));
  printf("mask %lx\n", mask);
  e("sigmask size", P(PTRACE_GETSIGMASK, p, 4, &mask));
  mask = 1L << (SIGUSR1 - 1);
  e("setsigmask", P(PTRACE_SETSIGMASK, p, 8, &mask));
  kill(p, SIGUSR1);
  struct __ptrace_peeksiginfo_args {
    unsigned long off;
    unsigned flags;
    int nr;
  } pa = { 0, 1, 4 };
  siginfo_t sis[4];
  long n = P(PTRACE_PEEKSIGINFO, p, &pa, sis);

  printf("peek %ld %d\n", n, n > 0 ? sis[0].si_signo : 0);
  pa.nr = -1;
  e("peek neg", P(PTRACE_PEEKSIGINFO, p, &pa, sis));
  e("dr0", P(PTRACE_POKEUSER, p, offsetof(struct user, u_debugreg[0]), &data));
  e("dr7", P(PTRACE_POKEUSER, p, offsetof(struct user, u_debugreg[7]), 0));
  e("dr0 kernel", P(PTRACE_POKEUSER, p, offsetof(struct user, u_debugreg[0]), -8L));

  e("detach", P(PTRACE_DETACH, p, 0, SIGTERM));
  w("end", p, 0);
  printf("-- syscalls\n");
  p = traced(calls);
  w("stop", p, 0);
  e("opt", P(PTRACE_SETOPTIONS, p, 0, PTRACE_O_TRACESYSGOOD));
  for (int i = 0; i < 6; i++) {
    P(PTRACE_SYSCALL, p, 0, 0);
    w("sys", p, 0);
    P(PTRACE_GETREGS, p, 0, &r);
    printf("orig %ld rax %ld\n", (long) r.orig_rax, r.orig_rax == SYS_getppid
           && (long) r.rax > 0 ? 1 : (long) r.rax);
    struct __ptrace_syscall_info si;

    memset(&si, 0, sizeof si);
    long l = P(PTRACE_GET_SYSCALL_INFO, p, sizeof si, &si);

    printf("info %ld op %d arch %x", l, si.op, si.arch);
    if (si.op == 1)
      printf(" nr %lld", (long long) si.entry.nr);
    if (si.op == 2)
      printf(" err %d", si.exit.is_error);
    printf("\n");
    if (i == 2) {
      r.orig_rax = -1;
      r.rax = -EPERM;
      P(PTRACE_SETREGS, p, 0, &r);
    }
    if (i == 4) {
      r.orig_rax = SYS_getpgrp + 10000;
      P(PTRACE_SETREGS, p, 0, &r);
    }
  }
  P(PTRACE_CONT, p, 0, 0);
  w("end", p, 0);
  p = traced(calls);
  w("stop", p, 0);
  for (int i = 0; i < 3; i++) {
    P(PTRACE_SYSEMU, p, 0, 0);
    w("emu", p, 0);
    P(PTRACE_GETREGS, p, 0, &r);
    printf("orig %ld\n", (long) r.orig_rax);
    r.rax = 0;
    P(PTRACE_SETREGS, p, 0, &r);
  }
  P(PTRACE_SINGLESTEP, p, 0, 0);
  w("step", p, 0);
  P(PTRACE_SINGLESTEP, p, 0, 0);
  w("step", p, 0);
  P(PTRACE_CONT, p, 0, SIGKILL);
  w("end", p, 0);
  printf("-- signals\n");
  p = traced(sigs);
  w("stop", p, 0);
  P(PTRACE_CONT, p, 0, 0);
  w("usr1", p, 0);
  P(PTRACE_CONT, p, 0, 0);
  w("usr2", p, 0);
  P(PTRACE_CONT, p, 0, SIGUSR1);
  w("end", p, 0);
  p = traced(sigs);
  w("stop", p, 0);
  P(PTRACE_CONT, p, 0, 0);
  w("usr1", p, 0);
  siginfo_t si;

  P(PTRACE_GETSIGINFO, p, 0, &si);
  si.si_signo = SIGTERM;
  si.si_code = -60;
  P(PTRACE_SETSIGINFO, p, 0, &si);
  w("again none", p, WNOHANG);
  P(PTRACE_CONT, p, 0, SIGTERM);
  w("end", p, 0);
  p = traced(sleeper);
  w("stop", p, 0);
  P(PTRACE_CONT, p, 0, 0);
  usleep(50000);
  kill(p, SIGUSR2);
  w("usr2 in sleep", p, 0);
  P(PTRACE_GETREGS, p, 0, &r);
  printf("orig %ld rax %ld\n", (long) r.orig_rax, (long) r.rax);
  P(PTRACE_CONT, p, 0, 0);
  w("end", p, 0);
  p = traced(sleeper);
  w("stop", p, 0);
  P(PTRACE_CONT, p, 0, 0);
  usleep(50000);
  kill(p, SIGUSR1);
  w("usr1 in sleep", p, 0);
  P(PTRACE_CONT, p, 0, SIGUSR1);
  w("end", p, 0);
  p = traced(sleeper);
  w("stop", p, 0);
  P(PTRACE_CONT, p, 0, 0);
  usleep(50000);
  kill(p, SIGUSR2);
  w("usr2 in sleep", p, 0);
  P(PTRACE_GETREGS, p, 0, &r);
  r.orig_rax = -1;
  r.rax = 0;
  P(PTRACE_SETREGS, p, 0, &r);
  P(PTRACE_CONT, p, 0, 0);
  w("skipped", p, 0);
  p = traced(tstp);
  w("stop", p, 0);
  P(PTRACE_CONT, p, 0, 0);
  w("tstp", p, 0);
  P(PTRACE_CONT, p, 0, SIGTSTP);
  w("group stop", p, 0);
  P(PTRACE_CONT, p, 0, 0);
  w("tstp2", p, 0);
  P(PTRACE_CONT, p, 0, 0);
  w("end", p, 0);
  printf("-- events\n");
  int all =
      PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE |
      PTRACE_O_TRACEEXEC | PTRACE_O_TRACEVFORKDONE | PTRACE_O_TRACEEXIT;
  p = traced(forks);
  w("stop", p, 0);
  P(PTRACE_SETOPTIONS, p, 0, all);
  P(PTRACE_CONT, p, 0, 0);
  st = w("fork", p, 0);
  unsigned long m;

  P(PTRACE_GETEVENTMSG, p, 0, &m);
  pid_t c = m;

  w("child", c, __WALL);
  P(PTRACE_CONT, c, 0, 0);
  w("child exit", c, __WALL);
  P(PTRACE_GETEVENTMSG, c, 0, &m);
  printf("msg %lx\n", m);
  P(PTRACE_CONT, c, 0, 0);
  w("child end", c, __WALL);
  P(PTRACE_CONT, p, 0, 0);
  w("chld", p, 0);
  P(PTRACE_CONT, p, 0, 0);
  w("vfork", p, 0);
  P(PTRACE_GETEVENTMSG, p, 0, &m);
  c = m;
  w("child", c, __WALL);
  P(PTRACE_CONT, c, 0, 0);
  w("child exit", c, __WALL);
  P(PTRACE_CONT, c, 0, 0);
  w("child end", c, __WALL);
  P(PTRACE_CONT, p, 0, 0);
  w("vforkdone", p, 0);
  P(PTRACE_GETEVENTMSG, p, 0, &m);
  printf("same %d\n", (int) m == c);
  P(PTRACE_CONT, p, 0, 0);
  w("chld", p, 0);
  P(PTRACE_CONT, p, 0, 0);
  w("exit", p, 0);
  P(PTRACE_CONT, p, 0, 0);
  w("end", p, 0);
  p = traced(threads);
  w("stop", p, 0);
  P(PTRACE_SETOPTIONS, p, 0, all);
  P(PTRACE_CONT, p, 0, 0);
  w("clone", p, 0);
  P(PTRACE_GETEVENTMSG, p, 0, &m);
  c = m;
  w("thread", c, __WALL);
  P(PTRACE_CONT, c, 0, 0);
  P(PTRACE_CONT, p, 0, 0);
  w("thread exit", c, __WALL);
  P(PTRACE_CONT, c, 0, 0);
  w("thread end", c, __WALL);
  w("exit", p, 0);
  P(PTRACE_CONT, p, 0, 0);
  w("end", p, 0);
  p = traced(execs);
  w("stop", p, 0);
  P(PTRACE_CONT, p, 0, 0);
  w("exec", p, 0);
  P(PTRACE_GETREGS, p, 0, &r);
  printf("orig %ld rax %ld rbx %ld\n", (long) r.orig_rax, (long) r.rax, (long) r.rbx);
  P(PTRACE_CONT, p, 0, 0);
  w("end", p, 0);
  p = traced(execs);
  w("stop", p, 0);
  P(PTRACE_SETOPTIONS, p, 0, all);
  P(PTRACE_SYSCALL, p, 0, 0);
  w("enter", p, 0);
  P(PTRACE_SYSCALL, p, 0, 0);
  w("exec", p, 0);
  P(PTRACE_GETEVENTMSG, p, 0, &m);
  printf("same %d\n", (int) m == p);
  P(PTRACE_SYSCALL, p, 0, 0);
  w("leave", p, 0);
  P(PTRACE_CONT, p, 0, 0);
  w("exit", p, 0);
  P(PTRACE_CONT, p, 0, 0);
  w("end", p, 0);
  p = traced(thexec);
  w("stop", p, 0);
  P(PTRACE_SETOPTIONS, p, 0, all & ~PTRACE_O_TRACEEXIT);
  P(PTRACE_CONT, p, 0, 0);
  w("clone", p, 0);
  P(PTRACE_GETEVENTMSG, p, 0, &m);
  c = m;
  w("thread", c, __WALL);
  P(PTRACE_CONT, p, 0, 0);
  P(PTRACE_CONT, c, 0, 0);
  w("exec", p, __WALL);
  unsigned long m2;

  P(PTRACE_GETEVENTMSG, p, 0, &m2);
  printf("former %d\n", m2 == m);
  e("old id", P(PTRACE_CONT, c, 0, 0));
  P(PTRACE_CONT, p, 0, 0);
  w("end", p, 0);
  printf("-- attach\n");
  p = plain(spin);
  usleep(30000);
  e("attach", P(PTRACE_ATTACH, p, 0, 0));
  w("stop", p, 0);
  P(PTRACE_GETREGS, p, 0, &r);
  printf("orig %ld rax %ld\n", (long) r.orig_rax, (long) r.rax);
  {
    char path[64], line[256];

    snprintf(path, 64, "/proc/%d/status", p);
    FILE *f = fopen(path, "r");

    while (fgets(line, 256, f))
      if (!strncmp(line, "State", 5)
          || (!strncmp(line, "TracerPid", 9)
              && printf("tracer me %d\n", atoi(line + 10) == getpid()) < 0))
        fputs(line, stdout);
    fclose(f);
  }
  e("detach", P(PTRACE_DETACH, p, 0, 0));
  usleep(20000);
  e("gone", P(PTRACE_CONT, p, 0, 0));
  kill(p, SIGKILL);
  w("end", p, 0);
  p = plain(spin);
  usleep(30000);
  e("seize", P(PTRACE_SEIZE, p, 0, PTRACE_O_TRACESYSGOOD));
  e("seize addr", P(PTRACE_SEIZE, p, 1, 0));
  w("nothing", p, WNOHANG);
  e("cont running", P(PTRACE_CONT, p, 0, 0));
  e("interrupt", P(PTRACE_INTERRUPT, p, 0, 0));
  w("int", p, 0);
  P(PTRACE_CONT, p, 0, 0);
  kill(p, SIGSTOP);
  w("sigstop", p, 0);
  P(PTRACE_CONT, p, 0, SIGSTOP);
  w("group", p, 0);
  e("listen", P(PTRACE_LISTEN, p, 0, 0));
  w("none", p, WNOHANG);
  e("listening", P(PTRACE_GETREGS, p, 0, &r));
  kill(p, SIGCONT);
  w("cont trap", p, 0);
  P(PTRACE_CONT, p, 0, 0);
  w("sigcont", p, 0);
  P(PTRACE_CONT, p, 0, SIGCONT);
  usleep(10000);
  w("none", p, WNOHANG);
  e("interrupt", P(PTRACE_INTERRUPT, p, 0, 0));
  w("int", p, 0);
  e("interrupt2", P(PTRACE_INTERRUPT, p, 0, 0));
  P(PTRACE_CONT, p, 0, 0);
  usleep(20000);
  w("second", p, WNOHANG);
  kill(p, SIGKILL);
  w("end", p, 0);
  p = plain(selfstop);
  w("wuntraced", p, WUNTRACED);
  e("attach stopped", P(PTRACE_ATTACH, p, 0, 0));
  w("st", p, 0);
  P(PTRACE_CONT, p, 0, 0);
  w("st2", p, 0);
  P(PTRACE_CONT, p, 0, 0);
  usleep(20000);
  kill(p, SIGCONT);
  w("cont", p, 0);
  P(PTRACE_CONT, p, 0, 0);
  w("end", p, 0);
  p = plain(selfstop);
  w("wuntraced", p, WUNTRACED);
  e("seize stopped", P(PTRACE_SEIZE, p, 0, 0));
  w("st", p, 0);
  e("detach", P(PTRACE_DETACH, p, 0, 0));
  usleep(20000);
  w("still", p, WNOHANG);
  kill(p, SIGCONT);
  w("end", p, 0);
  printf("-- tracer death\n");
  p = plain(spin);
  fflush(stdout); {
    pid_t t = fork();

    if (!t) {
      P(PTRACE_SEIZE, p, 0, PTRACE_O_EXITKILL);
      _exit(0);
    }
    waitpid(t, 0, 0);
  }
  w("exitkill", p, 0);
  p = plain(spin);
  fflush(stdout); {
    pid_t t = fork();

    if (!t) {
      P(PTRACE_ATTACH, p, 0, 0);
      waitpid(p, 0, 0);
      _exit(0);
    }
    waitpid(t, 0, 0);
  }
  usleep(20000);
  w("lives", p, WNOHANG);
  kill(p, SIGTERM);
  w("end", p, 0);
  printf("-- other's child\n");
  p = plain(spin);
  usleep(10000);
  fflush(stdout); {
    pid_t t = fork();

    if (!t) {
      P(PTRACE_SEIZE, p, 0, 0);
      P(PTRACE_INTERRUPT, p, 0, 0);
      int s;

      waitpid(p, &s, __WALL);
      P(PTRACE_CONT, p, 0, 0);
      kill(p, SIGTERM);
      waitpid(p, &s, __WALL);
      P(PTRACE_CONT, p, 0, SIGTERM);
      pid_t q = waitpid(p, &s, __WALL);

      _exit(q == p && s == SIGTERM);
    }
    st = w("parent", p, 0);
    waitpid(t, &st, 0);
    printf("tracer saw it %d\n", WEXITSTATUS(st));
  }
  printf("-- waitid\n");
  p = traced(nothing);
  siginfo_t ws;

  memset(&ws, 0, sizeof ws);
  waitid(P_PID, p, &ws, WSTOPPED | WNOWAIT);
  printf("code %d status %d\n", ws.si_code, ws.si_status);
  waitid(P_PID, p, &ws, WSTOPPED);
  printf("code %d status %d\n", ws.si_code, ws.si_status);
  w("none", p, WNOHANG);
  P(PTRACE_CONT, p, 0, 0);
  waitid(P_PID, p, &ws, WEXITED);
  printf("code %d status %d\n", ws.si_code, ws.si_status);
  printf("-- access\n");
  p = plain(spin);
  fflush(stdout);
  if (!fork()) {
    setgid(1000);
    setuid(1000);
    e("attach root", P(PTRACE_ATTACH, p, 0, 0));
    char b;
    struct iovec l = { &b, 1 }, rm = { &data, 1 };
    e("vm root", process_vm_readv(p, &l, 1, &rm, 1, 0));
    _exit(0);
  }
  wait(0);
  {
    char b[8] = { 0 };
    struct iovec l = { b, 4 }, rm = { &data, 4 };
    printf("vm %zd %d\n", process_vm_readv(p, &l, 1, &rm, 1, 0), *(int *) b);
    *(int *) b = 1234;
    printf("vmw %zd\n", process_vm_writev(p, &l, 1, &rm, 1, 0));
    P(PTRACE_SEIZE, p, 0, 0);
    P(PTRACE_INTERRUPT, p, 0, 0);
    waitpid(p, 0, 0);
    P(PTRACE_PEEKDATA, p, &data, &v);
    printf("now %d\n", (int) v);
    rm.iov_base = (void *) &ro;
    e("vmw ro", process_vm_writev(p, &l, 1, &rm, 1, 0));
    struct iovec two[2] = { { &data, 4 }, { (void *) 8, 4 } };
    l.iov_len = 8;
    printf("partial %zd\n", process_vm_readv(p, &l, 1, two, 2, 0));
    e("flags", process_vm_readv(p, &l, 1, two, 2, 1));
    e("count", process_vm_readv(p, &l, 1, two, 2000, 0));
    char path[64];

    snprintf(path, 64, "/proc/%d/mem", p);
    int fd = open(path, O_RDWR);
    int val = 777;

    printf("pwrite %zd\n", pwrite(fd, &val, 4, (off_t) & ro));
    pread(fd, &val, 4, (off_t) & ro);
    printf("pread %d own %d\n", val, ro);
    kill(p, SIGKILL);
    waitpid(p, 0, 0);
  }
  return 0;
}
C
gcc -w -pthread -o p p.c && ./p
