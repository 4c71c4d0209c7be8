// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.host;

import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Socket;

/**
 * Host sockets between our own processes, with descriptors passed along (SCM_RIGHTS), and eventfd.
 *
 * <p>Layouts: {@code struct msghdr}, {@code struct cmsghdr} of {@code linux/socket.h}, x86-64.
 */
public final class HostSockets {

    private static final int SIZEOF_MSGHDR = 56;
    private static final int MSG_NAME = 0;
    private static final int MSG_IOV = 16;
    private static final int MSG_IOVLEN = 24;
    private static final int MSG_CONTROL = 32;
    private static final int MSG_CONTROLLEN = 40;
    private static final int MSG_FLAGS = 48;

    private static final int IOVEC = SIZEOF_MSGHDR;
    private static final int CONTROL = IOVEC + 16;
    private static final int CMSG_LEVEL = CONTROL + 8;
    private static final int CMSG_TYPE = CONTROL + 12;
    private static final int CMSG_DATA = CONTROL + 16;
    private static final int CMSG_HEADER_SIZE = 16;

    /** Most descriptors that one message of ours carries. */
    public static final int DESCRIPTORS_MAX = 8;

    private HostSockets() {}

    /** Makes a pair of connected UNIX sockets; {@code type} SOCK_STREAM, SOCK_SEQPACKET. */
    public static int[] pair(int type) throws ErrnoException {
        NativeBuffer b = NativeBuffer.scratch();
        int flags = type | Socket.SOCK_CLOEXEC;
        Host.check(Host.syscall(Sys.SOCKETPAIR, Socket.AF_UNIX, flags, 0, b.address()));
        return new int[] {b.getInt(0), b.getInt(4)};
    }

    /**
     * Sends one message, with a descriptor if {@code descriptor} is not negative. Never raises
     * SIGPIPE. EINTR is retried.
     *
     * @return bytes sent
     */
    public static int send(int socket, long address, int length, int descriptor)
            throws ErrnoException {
        NativeBuffer b = NativeBuffer.scratch();
        header(b, address, length, descriptor >= 0 ? CMSG_HEADER_SIZE + 8 : 0);
        if (descriptor >= 0) {
            b.putLong(CONTROL, CMSG_HEADER_SIZE + 4);
            b.putInt(CMSG_LEVEL, Socket.SOL_SOCKET);
            b.putInt(CMSG_TYPE, Socket.SCM_RIGHTS);
            b.putLong(CMSG_DATA, descriptor);
        }
        return call(Sys.SENDMSG, socket, b, Socket.MSG_NOSIGNAL);
    }

    /**
     * Receives one message. EINTR is retried.
     *
     * @param descriptors where received descriptors go (close-on-exec), the rest is set to -1;
     *     null: none is accepted, the kernel drops what the peer sends
     * @return bytes received, 0 at the end; -EMSGSIZE is thrown if a packet was longer than
     *     {@code length}
     */
    public static int receive(
            int socket,
            long address,
            int length,
            int @org.jspecify.annotations.Nullable [] descriptors)
            throws ErrnoException {
        NativeBuffer b = NativeBuffer.scratch();
        int room = descriptors == null ? 0 : Math.min(descriptors.length, DESCRIPTORS_MAX);
        header(b, address, length, room == 0 ? 0 : CMSG_HEADER_SIZE + 4 * DESCRIPTORS_MAX);
        int n = call(Sys.RECVMSG, socket, b, Socket.MSG_CMSG_CLOEXEC);
        if (descriptors != null) {
            takeDescriptors(b, descriptors, room);
        }
        if ((b.getInt(MSG_FLAGS) & Socket.MSG_TRUNC) != 0) {
            throw dev.jvisor.platform.abi.Errno.EMSGSIZE.exception();
        }
        return n;
    }

    private static void takeDescriptors(NativeBuffer b, int[] descriptors, int room) {
        java.util.Arrays.fill(descriptors, -1);
        if (b.getLong(MSG_CONTROLLEN) <= CMSG_HEADER_SIZE
                || b.getInt(CMSG_LEVEL) != Socket.SOL_SOCKET
                || b.getInt(CMSG_TYPE) != Socket.SCM_RIGHTS) {
            return;
        }
        int count = (int) ((b.getLong(CONTROL) - CMSG_HEADER_SIZE) / 4);
        for (int i = 0; i < count && i < DESCRIPTORS_MAX; i++) {
            int fd = b.getInt(CMSG_DATA + 4 * i);
            if (i < room) {
                descriptors[i] = fd;
            } else {
                HostFiles.close(fd);
            }
        }
    }

    private static void header(NativeBuffer b, long address, int length, int controlLength) {
        b.clear(MSG_NAME, CONTROL + CMSG_HEADER_SIZE + 4 * DESCRIPTORS_MAX);
        b.putLong(IOVEC, address);
        b.putLong(IOVEC + 8, length);
        b.putLong(MSG_IOV, b.address() + IOVEC);
        b.putLong(MSG_IOVLEN, 1);
        b.putLong(MSG_CONTROL, controlLength == 0 ? 0 : b.address() + CONTROL);
        b.putLong(MSG_CONTROLLEN, controlLength);
    }

    private static int call(int number, int socket, NativeBuffer header, int flags)
            throws ErrnoException {
        for (; ; ) {
            long result = Host.syscall(number, socket, header.address(), flags);
            if (result != -dev.jvisor.platform.abi.Errno.EINTR.number) {
                return (int) Host.check(result);
            }
        }
    }

    /** shutdown(2) of both directions: wakes a peer that waits, and this side's own reader. */
    public static void shutdown(int socket) {
        Host.syscall(Sys.SHUTDOWN, socket, 2, 0);
    }

    /** Returns the domain of a socket, or a negated error number (-ENOTSOCK). */
    public static long domain(int fd) {
        NativeBuffer b = NativeBuffer.scratch();
        int soDomain = 39;
        b.putInt(0, 0);
        b.putInt(8, 4);
        long r = Host.syscall(
                Sys.GETSOCKOPT, fd, Socket.SOL_SOCKET, soDomain, b.address(), b.address() + 8, 0);
        return Host.isError(r) ? r : b.getInt(0);
    }
}
