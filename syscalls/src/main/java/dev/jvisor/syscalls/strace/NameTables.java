// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.strace;

import dev.jvisor.platform.abi.Eventfd;
import dev.jvisor.platform.abi.Fcntl;
import dev.jvisor.platform.abi.Futex;
import dev.jvisor.platform.abi.Ioctls;
import dev.jvisor.platform.abi.Mman;
import dev.jvisor.platform.abi.MountFlags;
import dev.jvisor.platform.abi.Poll;
import dev.jvisor.platform.abi.Prctl;
import dev.jvisor.platform.abi.Resource;
import dev.jvisor.platform.abi.Sched;
import dev.jvisor.platform.abi.Signals;
import dev.jvisor.platform.abi.Socket;
import dev.jvisor.platform.abi.StatMode;
import dev.jvisor.platform.abi.TimeConstants;
import dev.jvisor.platform.abi.WaitFlags;
import dev.jvisor.platform.abi.Xattr;

/** The tables of names, in the order in which strace(1) prints flags. */
final class NameTables {

    static final Names OPEN = Names.of(
            Fcntl.class,
            "O_CREAT O_EXCL O_NOCTTY O_TRUNC O_APPEND O_NONBLOCK O_SYNC O_DSYNC O_DIRECT"
                    + " O_NOFOLLOW O_NOATIME O_CLOEXEC O_PATH O_TMPFILE O_DIRECTORY O_ASYNC");
    static final Names AT = Names.of(
            Fcntl.class,
            "AT_SYMLINK_NOFOLLOW AT_REMOVEDIR AT_SYMLINK_FOLLOW AT_NO_AUTOMOUNT AT_EMPTY_PATH"
                    + " AT_STATX_FORCE_SYNC AT_STATX_DONT_SYNC AT_RECURSIVE");
    static final Names ACCESS_AT =
            Names.of(Fcntl.class, "AT_SYMLINK_NOFOLLOW AT_EACCESS AT_EMPTY_PATH");
    static final Names PROT = Names.of(
            Mman.class,
            "PROT_NONE PROT_READ PROT_WRITE PROT_EXEC PROT_SEM PROT_GROWSDOWN PROT_GROWSUP");
    static final Names MAP = Names.of(
            Mman.class,
            "MAP_FIXED MAP_ANONYMOUS MAP_32BIT MAP_NORESERVE MAP_POPULATE MAP_NONBLOCK"
                    + " MAP_GROWSDOWN MAP_DENYWRITE MAP_EXECUTABLE MAP_LOCKED MAP_HUGETLB MAP_SYNC"
                    + " MAP_STACK MAP_FIXED_NOREPLACE");
    static final Names MAP_TYPE =
            Names.of(Mman.class, "MAP_SHARED MAP_PRIVATE MAP_SHARED_VALIDATE");
    static final Names MADVICE = Names.of(
            Mman.class,
            "MADV_NORMAL MADV_RANDOM MADV_SEQUENTIAL MADV_WILLNEED MADV_DONTNEED MADV_FREE"
                    + " MADV_REMOVE MADV_DONTFORK MADV_DOFORK MADV_MERGEABLE MADV_UNMERGEABLE"
                    + " MADV_HUGEPAGE MADV_NOHUGEPAGE MADV_DONTDUMP MADV_DODUMP MADV_WIPEONFORK"
                    + " MADV_KEEPONFORK MADV_COLD MADV_PAGEOUT MADV_POPULATE_READ"
                    + " MADV_POPULATE_WRITE MADV_DONTNEED_LOCKED MADV_COLLAPSE MADV_HWPOISON"
                    + " MADV_SOFT_OFFLINE");
    static final Names MREMAP =
            Names.of(Mman.class, "MREMAP_MAYMOVE MREMAP_FIXED MREMAP_DONTUNMAP");
    static final Names MSYNC = Names.of(Mman.class, "MS_ASYNC MS_INVALIDATE MS_SYNC");
    static final Names MLOCKALL = Names.of(Mman.class, "MCL_CURRENT MCL_FUTURE MCL_ONFAULT");
    static final Names MEMFD = Names.of(Mman.class, "MFD_CLOEXEC MFD_ALLOW_SEALING MFD_HUGETLB");
    static final Names CLONE = Names.of(
            Sched.class,
            "CLONE_VM CLONE_FS CLONE_FILES CLONE_SIGHAND CLONE_PIDFD CLONE_PTRACE CLONE_VFORK"
                    + " CLONE_PARENT CLONE_THREAD CLONE_NEWNS CLONE_SYSVSEM CLONE_SETTLS"
                    + " CLONE_PARENT_SETTID CLONE_CHILD_CLEARTID CLONE_DETACHED CLONE_UNTRACED"
                    + " CLONE_CHILD_SETTID CLONE_NEWCGROUP CLONE_NEWUTS CLONE_NEWIPC"
                    + " CLONE_NEWUSER CLONE_NEWPID CLONE_NEWNET CLONE_IO");
    static final Names WAIT = Names.of(
            WaitFlags.class,
            "WNOHANG WSTOPPED WEXITED WCONTINUED WNOWAIT __WNOTHREAD __WALL __WCLONE");
    static final Names SIGNAL = Names.of(
            Signals.class,
            "SIGHUP SIGINT SIGQUIT SIGILL SIGTRAP SIGABRT SIGBUS SIGFPE SIGKILL SIGUSR1 SIGSEGV"
                    + " SIGUSR2 SIGPIPE SIGALRM SIGTERM SIGSTKFLT SIGCHLD SIGCONT SIGSTOP SIGTSTP"
                    + " SIGTTIN SIGTTOU SIGURG SIGXCPU SIGXFSZ SIGVTALRM SIGPROF SIGWINCH SIGIO"
                    + " SIGPWR SIGSYS");
    static final Names SIGMASK_HOW = Names.of(Signals.class, "SIG_BLOCK SIG_UNBLOCK SIG_SETMASK");
    static final Names SIGACTION_FLAGS = Names.of(
            Signals.class,
            "SA_RESTORER SA_NOCLDSTOP SA_NOCLDWAIT SA_SIGINFO SA_ONSTACK SA_RESTART SA_NODEFER"
                    + " SA_RESETHAND SA_EXPOSE_TAGBITS");
    static final Names CLOCK = Names.of(
            TimeConstants.class,
            "CLOCK_REALTIME CLOCK_MONOTONIC CLOCK_PROCESS_CPUTIME_ID CLOCK_THREAD_CPUTIME_ID"
                    + " CLOCK_MONOTONIC_RAW CLOCK_REALTIME_COARSE CLOCK_MONOTONIC_COARSE"
                    + " CLOCK_BOOTTIME CLOCK_REALTIME_ALARM CLOCK_BOOTTIME_ALARM CLOCK_TAI");
    static final Names FCNTL = Names.of(
            Fcntl.class,
            "F_DUPFD F_GETFD F_SETFD F_GETFL F_SETFL F_GETLK F_SETLK F_SETLKW F_SETOWN F_GETOWN"
                    + " F_SETSIG F_GETSIG F_SETOWN_EX F_GETOWN_EX F_OFD_GETLK F_OFD_SETLK"
                    + " F_OFD_SETLKW F_SETLEASE F_GETLEASE F_NOTIFY F_DUPFD_CLOEXEC F_SETPIPE_SZ"
                    + " F_GETPIPE_SZ F_ADD_SEALS F_GET_SEALS F_GET_RW_HINT F_SET_RW_HINT");
    static final Names SEALS = Names.of(
            Fcntl.class, "F_SEAL_SEAL F_SEAL_SHRINK F_SEAL_GROW F_SEAL_WRITE F_SEAL_FUTURE_WRITE");
    static final Names LOCK_TYPE = Names.of(Fcntl.class, "F_RDLCK F_WRLCK F_UNLCK");
    static final Names FLOCK = Names.of(Fcntl.class, "LOCK_SH LOCK_EX LOCK_NB LOCK_UN");
    static final Names SEEK =
            Names.of(Fcntl.class, "SEEK_SET SEEK_CUR SEEK_END SEEK_DATA SEEK_HOLE");
    static final Names FALLOCATE = Names.of(
            Fcntl.class,
            "FALLOC_FL_KEEP_SIZE FALLOC_FL_PUNCH_HOLE FALLOC_FL_COLLAPSE_RANGE"
                    + " FALLOC_FL_ZERO_RANGE FALLOC_FL_INSERT_RANGE FALLOC_FL_UNSHARE_RANGE");
    static final Names FADVICE = Names.of(
            Fcntl.class,
            "POSIX_FADV_NORMAL POSIX_FADV_RANDOM POSIX_FADV_SEQUENTIAL POSIX_FADV_WILLNEED"
                    + " POSIX_FADV_DONTNEED POSIX_FADV_NOREUSE");
    static final Names RENAME =
            Names.of(Fcntl.class, "RENAME_NOREPLACE RENAME_EXCHANGE RENAME_WHITEOUT");
    static final Names RESOLVE = Names.of(
            Fcntl.class,
            "RESOLVE_NO_XDEV RESOLVE_NO_MAGICLINKS RESOLVE_NO_SYMLINKS RESOLVE_BENEATH"
                    + " RESOLVE_IN_ROOT RESOLVE_CACHED");
    static final Names SPLICE =
            Names.of(Fcntl.class, "SPLICE_F_MOVE SPLICE_F_NONBLOCK SPLICE_F_MORE SPLICE_F_GIFT");
    static final Names POLL = Names.of(
            Poll.class,
            "POLLIN POLLPRI POLLOUT POLLERR POLLHUP POLLNVAL POLLRDNORM POLLRDBAND POLLWRNORM"
                    + " POLLWRBAND EPOLLRDHUP");
    static final Names EPOLL_EVENTS = Names.of(
            Poll.class,
            "EPOLLIN EPOLLPRI EPOLLOUT EPOLLRDNORM EPOLLRDBAND EPOLLWRNORM EPOLLWRBAND EPOLLMSG"
                    + " EPOLLERR EPOLLHUP EPOLLRDHUP EPOLLEXCLUSIVE EPOLLWAKEUP EPOLLONESHOT"
                    + " EPOLLET");
    static final Names EPOLL_OP = Names.of(Poll.class, "EPOLL_CTL_ADD EPOLL_CTL_DEL EPOLL_CTL_MOD");
    static final Names EPOLL_CREATE = Names.of(Poll.class, "EPOLL_CLOEXEC");
    static final Names EVENTFD = Names.of(Eventfd.class, "EFD_SEMAPHORE EFD_CLOEXEC EFD_NONBLOCK");
    static final Names SIGNALFD = Names.of(Eventfd.class, "SFD_CLOEXEC SFD_NONBLOCK");
    static final Names INOTIFY_INIT = Names.of(Eventfd.class, "IN_CLOEXEC IN_NONBLOCK");
    static final Names INOTIFY_EVENTS = Names.of(
            Eventfd.class,
            "IN_ACCESS IN_MODIFY IN_ATTRIB IN_CLOSE_WRITE IN_CLOSE_NOWRITE IN_OPEN IN_MOVED_FROM"
                    + " IN_MOVED_TO IN_CREATE IN_DELETE IN_DELETE_SELF IN_MOVE_SELF IN_UNMOUNT"
                    + " IN_Q_OVERFLOW IN_IGNORED IN_ONLYDIR IN_DONT_FOLLOW IN_EXCL_UNLINK"
                    + " IN_MASK_CREATE IN_MASK_ADD IN_ISDIR IN_ONESHOT");
    static final Names FUTEX = Names.of(
            Futex.class,
            "FUTEX_WAIT FUTEX_WAKE FUTEX_FD FUTEX_REQUEUE FUTEX_CMP_REQUEUE FUTEX_WAKE_OP"
                    + " FUTEX_LOCK_PI FUTEX_UNLOCK_PI FUTEX_TRYLOCK_PI FUTEX_WAIT_BITSET"
                    + " FUTEX_WAKE_BITSET FUTEX_WAIT_REQUEUE_PI FUTEX_CMP_REQUEUE_PI"
                    + " FUTEX_LOCK_PI2");
    static final Names RESOURCE = Names.of(
            Resource.class,
            "RLIMIT_CPU RLIMIT_FSIZE RLIMIT_DATA RLIMIT_STACK RLIMIT_CORE RLIMIT_RSS RLIMIT_NPROC"
                    + " RLIMIT_NOFILE RLIMIT_MEMLOCK RLIMIT_AS RLIMIT_LOCKS RLIMIT_SIGPENDING"
                    + " RLIMIT_MSGQUEUE RLIMIT_NICE RLIMIT_RTPRIO RLIMIT_RTTIME");
    static final Names PRCTL = Names.of(
            Prctl.class,
            "PR_SET_PDEATHSIG PR_GET_PDEATHSIG PR_GET_DUMPABLE PR_SET_DUMPABLE PR_GET_KEEPCAPS"
                    + " PR_SET_KEEPCAPS PR_SET_NAME PR_GET_NAME PR_GET_SECCOMP PR_SET_SECCOMP"
                    + " PR_CAPBSET_READ PR_CAPBSET_DROP PR_GET_TSC PR_SET_TSC PR_GET_SECUREBITS"
                    + " PR_SET_SECUREBITS PR_SET_TIMERSLACK PR_GET_TIMERSLACK PR_MCE_KILL"
                    + " PR_MCE_KILL_GET PR_SET_MM PR_SET_CHILD_SUBREAPER PR_GET_CHILD_SUBREAPER"
                    + " PR_SET_NO_NEW_PRIVS PR_GET_NO_NEW_PRIVS PR_GET_TID_ADDRESS"
                    + " PR_SET_THP_DISABLE PR_GET_THP_DISABLE PR_CAP_AMBIENT"
                    + " PR_GET_SPECULATION_CTRL PR_SET_SPECULATION_CTRL PR_SET_IO_FLUSHER"
                    + " PR_GET_IO_FLUSHER PR_SET_SYSCALL_USER_DISPATCH PR_SCHED_CORE PR_SET_VMA"
                    + " PR_SET_PTRACER");
    static final Names ARCH_PRCTL = Names.of(
            Prctl.class,
            "ARCH_SET_GS ARCH_SET_FS ARCH_GET_FS ARCH_GET_GS ARCH_GET_CPUID ARCH_SET_CPUID"
                    + " ARCH_GET_XCOMP_SUPP ARCH_GET_XCOMP_PERM ARCH_REQ_XCOMP_PERM");
    static final Names FAMILY = Names.of(
            Socket.class, "AF_UNSPEC AF_UNIX AF_INET AF_INET6 AF_NETLINK AF_PACKET AF_VSOCK");
    static final Names MSG = Names.of(
            Socket.class,
            "MSG_OOB MSG_PEEK MSG_DONTROUTE MSG_CTRUNC MSG_PROXY MSG_TRUNC MSG_DONTWAIT MSG_EOR"
                    + " MSG_WAITALL MSG_FIN MSG_SYN MSG_CONFIRM MSG_RST MSG_ERRQUEUE MSG_NOSIGNAL"
                    + " MSG_MORE MSG_WAITFORONE MSG_BATCH MSG_ZEROCOPY MSG_FASTOPEN"
                    + " MSG_CMSG_CLOEXEC");
    static final Names SHUTDOWN = Names.of(Socket.class, "SHUT_RD SHUT_WR SHUT_RDWR");
    static final Names SOCKET_LEVEL = Names.of(
            "SOL_IP SOL_SOCKET SOL_TCP SOL_UDP SOL_IPV6 SOL_RAW SOL_PACKET SOL_NETLINK",
            0,
            Socket.SOL_SOCKET,
            6,
            17,
            41,
            Socket.SOL_RAW,
            Socket.SOL_PACKET,
            Socket.SOL_NETLINK);
    static final Names SOCKET_OPTION = Names.of(
            Socket.class,
            "SO_DEBUG SO_REUSEADDR SO_TYPE SO_ERROR SO_DONTROUTE SO_BROADCAST SO_SNDBUF SO_RCVBUF"
                    + " SO_KEEPALIVE SO_OOBINLINE SO_NO_CHECK SO_PRIORITY SO_LINGER SO_BSDCOMPAT"
                    + " SO_REUSEPORT SO_PASSCRED SO_PEERCRED SO_RCVLOWAT SO_SNDLOWAT"
                    + " SO_RCVTIMEO_OLD SO_SNDTIMEO_OLD SO_BINDTODEVICE SO_ATTACH_FILTER"
                    + " SO_DETACH_FILTER SO_PEERNAME SO_TIMESTAMP_OLD SO_ACCEPTCONN SO_PEERSEC"
                    + " SO_SNDBUFFORCE SO_RCVBUFFORCE SO_PASSSEC SO_TIMESTAMPNS_OLD SO_MARK"
                    + " SO_PROTOCOL SO_DOMAIN SO_RXQ_OVFL SO_PEEK_OFF SO_INCOMING_CPU SO_COOKIE"
                    + " SO_PEERGROUPS SO_ZEROCOPY");
    static final Names SOCKET_TYPE = Names.of(
            Socket.class,
            "SOCK_STREAM SOCK_DGRAM SOCK_RAW SOCK_RDM SOCK_SEQPACKET SOCK_DCCP SOCK_PACKET");
    static final Names SOCKET_FLAGS = Names.of(Socket.class, "SOCK_CLOEXEC SOCK_NONBLOCK");
    static final Names XATTR = Names.of(Xattr.class, "XATTR_CREATE XATTR_REPLACE");
    static final Names UMOUNT =
            Names.of(MountFlags.class, "MNT_FORCE MNT_DETACH MNT_EXPIRE UMOUNT_NOFOLLOW");
    static final Names MOUNT = Names.of(
            MountFlags.class,
            "MS_RDONLY MS_NOSUID MS_NODEV MS_NOEXEC MS_SYNCHRONOUS MS_REMOUNT MS_MANDLOCK"
                    + " MS_DIRSYNC MS_NOSYMFOLLOW MS_NOATIME MS_NODIRATIME MS_BIND MS_MOVE MS_REC"
                    + " MS_SILENT MS_POSIXACL MS_UNBINDABLE MS_PRIVATE MS_SLAVE MS_SHARED"
                    + " MS_RELATIME MS_STRICTATIME MS_LAZYTIME");
    static final Names STATX = Names.of(
            StatMode.class,
            "STATX_ALL STATX_BASIC_STATS STATX_TYPE STATX_MODE STATX_NLINK STATX_UID STATX_GID"
                    + " STATX_ATIME STATX_MTIME STATX_CTIME STATX_INO STATX_SIZE STATX_BLOCKS"
                    + " STATX_BTIME STATX_MNT_ID STATX_DIOALIGN");
    static final Names FILE_TYPE =
            Names.of(StatMode.class, "S_IFREG S_IFDIR S_IFCHR S_IFBLK S_IFIFO S_IFLNK S_IFSOCK");
    static final Names MAGIC = Names.of(
            MountFlags.class,
            "TMPFS_MAGIC PROC_SUPER_MAGIC SYSFS_MAGIC OVERLAYFS_SUPER_MAGIC EXT4_SUPER_MAGIC"
                    + " PIPEFS_MAGIC SOCKFS_MAGIC ANON_INODE_FS_MAGIC DEVPTS_SUPER_MAGIC"
                    + " CGROUP_SUPER_MAGIC NSFS_MAGIC V9FS_MAGIC");
    static final Names IOCTL = Names.of(
            Ioctls.class,
            "TCGETS TCSETS TCSETSW TCSETSF TCGETA TCSETA TCSETAW TCSETAF TCSBRK TCXONC TCFLSH"
                    + " TIOCEXCL TIOCNXCL TIOCSCTTY TIOCGPGRP TIOCSPGRP TIOCOUTQ TIOCSTI"
                    + " TIOCGWINSZ TIOCSWINSZ TIOCMGET TIOCMBIS TIOCMBIC TIOCMSET FIONREAD"
                    + " TIOCCONS TIOCPKT FIONBIO TIOCNOTTY TIOCSETD TIOCGETD TCSBRKP TIOCSBRK"
                    + " TIOCCBRK TIOCGSID TIOCSPTLCK TIOCVHANGUP TIOCGPTPEER FIONCLEX FIOCLEX"
                    + " FIOASYNC FIOQSIZE TCSETS2 TCSETSW2 TCSETSF2");

    static final Names RWF = Names.of(
            "RWF_HIPRI RWF_DSYNC RWF_SYNC RWF_NOWAIT RWF_APPEND RWF_NOAPPEND", 1, 2, 4, 8, 16, 32);
    static final Names ACCESS = Names.of("F_OK R_OK W_OK X_OK", 0, 4, 2, 1);
    static final Names CLOSE_RANGE = Names.of("CLOSE_RANGE_UNSHARE CLOSE_RANGE_CLOEXEC", 2, 4);
    static final Names RANDOM = Names.of("GRND_NONBLOCK GRND_RANDOM GRND_INSECURE", 1, 2, 4);

    private NameTables() {}
}
