// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.conformance.program;

import org.jspecify.annotations.Nullable;

import java.util.Locale;

/**
 * The system calls of the programs. Only calls stand here that cannot reach past the namespaces of
 * the native side.
 */
public enum Call {
    READ(0),
    WRITE(1),
    OPEN(2),
    CLOSE(3),
    STAT(4),
    FSTAT(5),
    LSTAT(6),
    POLL(7),
    LSEEK(8),
    MMAP(9),
    MPROTECT(10),
    MUNMAP(11),
    BRK(12),
    RT_SIGACTION(13),
    RT_SIGPROCMASK(14),
    IOCTL(16),
    PREAD64(17),
    PWRITE64(18),
    READV(19),
    WRITEV(20),
    ACCESS(21),
    PIPE(22),
    MREMAP(25),
    MSYNC(26),
    MINCORE(27),
    MADVISE(28),
    DUP(32),
    DUP2(33),
    ALARM(37),
    GETPID(39),
    SENDFILE(40),
    KILL(62),
    FCNTL(72),
    FLOCK(73),
    FSYNC(74),
    FDATASYNC(75),
    TRUNCATE(76),
    FTRUNCATE(77),
    GETCWD(79),
    CHDIR(80),
    FCHDIR(81),
    RENAME(82),
    MKDIR(83),
    RMDIR(84),
    CREAT(85),
    LINK(86),
    UNLINK(87),
    SYMLINK(88),
    READLINK(89),
    CHMOD(90),
    FCHMOD(91),
    CHOWN(92),
    FCHOWN(93),
    LCHOWN(94),
    UMASK(95),
    GETRLIMIT(97),
    RT_SIGPENDING(127),
    RT_SIGTIMEDWAIT(128),
    RT_SIGSUSPEND(130),
    SIGALTSTACK(131),
    MKNOD(133),
    STATFS(137),
    FSTATFS(138),
    SETRLIMIT(160),
    CHROOT(161),
    READAHEAD(187),
    SETXATTR(188),
    GETXATTR(191),
    LISTXATTR(194),
    REMOVEXATTR(197),
    TKILL(200),
    GETDENTS64(217),
    FADVISE64(221),
    OPENAT(257),
    MKDIRAT(258),
    MKNODAT(259),
    FCHOWNAT(260),
    NEWFSTATAT(262),
    UNLINKAT(263),
    RENAMEAT(264),
    LINKAT(265),
    SYMLINKAT(266),
    READLINKAT(267),
    FCHMODAT(268),
    FACCESSAT(269),
    SPLICE(275),
    TEE(276),
    SYNC_FILE_RANGE(277),
    UTIMENSAT(280),
    FALLOCATE(285),
    EVENTFD2(290),
    DUP3(292),
    PIPE2(293),
    PREADV(295),
    PWRITEV(296),
    SYNCFS(306),
    PROCESS_VM_READV(310),
    RENAMEAT2(316),
    MEMFD_CREATE(319),
    COPY_FILE_RANGE(326),
    PREADV2(327),
    PWRITEV2(328),
    CLOSE_RANGE(436),
    FACCESSAT2(439);

    private final int number;

    Call(int number) {
        this.number = number;
    }

    public int number() {
        return number;
    }

    /** Returns the name as in the manual. */
    public String callName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Returns what stands for a result that the kernel may choose, null if it may not. */
    @Nullable
    String freeResult() {
        return switch (this) {
            case MMAP, MREMAP, BRK -> "address";
            case GETPID -> "pid";
            default -> null;
        };
    }
}
