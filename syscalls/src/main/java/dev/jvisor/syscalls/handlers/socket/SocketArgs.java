// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.socket;

import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.net.socket.Socket;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Fcntl;
import dev.jvisor.syscalls.handlers.UserArgs;

/** Decodes what the socket calls have in common. */
final class SocketArgs {

    private SocketArgs() {}

    /** The socket behind a descriptor, with a reference; EBADF, ENOTSOCK. */
    static Socket acquire(Task task, int fd) throws ErrnoException {
        FileDescription file = task.files().acquireForIo(fd);
        if (file instanceof Socket socket) {
            return socket;
        }
        file.release();
        throw Errno.ENOTSOCK.exception();
    }

    /** A socket address as it is given: EINVAL if it is too long, EFAULT. */
    static byte[] address(Task task, long address, int length) throws ErrnoException {
        if (length < 0 || length > Socket.ADDRESS_BYTES_MAX) {
            throw Errno.EINVAL.exception();
        }
        byte[] result = new byte[length];
        if (length > 0) {
            task.memory().copyIn(address, result, 0, length);
        }
        return result;
    }

    /**
     * Gives a socket address out: cut to the length at {@code lengthAddress}, where its real length
     * is stored.
     *
     * @throws ErrnoException EFAULT; EINVAL for a negative length
     */
    static void putAddress(Task task, byte[] value, long address, long lengthAddress)
            throws ErrnoException {
        int length = Math.min(task.memory().getInt(lengthAddress), value.length);
        if (length < 0) {
            throw Errno.EINVAL.exception();
        }
        if (length > 0) {
            task.memory().copyOut(address, value, 0, length);
        }
        task.memory().putInt(lengthAddress, value.length);
    }

    /** Makes a descriptor of a new socket; {@code flags} are SOCK_NONBLOCK and SOCK_CLOEXEC. */
    static int install(Task task, Socket socket, int flags) throws ErrnoException {
        setNonBlocking(socket, flags);
        return UserArgs.install(task, socket, (flags & Fcntl.O_CLOEXEC) != 0);
    }

    static void setNonBlocking(Socket socket, int flags) throws ErrnoException {
        if ((flags & Fcntl.O_NONBLOCK) != 0) {
            socket.setStatusFlags(socket.flags() | Fcntl.O_NONBLOCK);
        }
    }
}
