// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.socket;

import dev.jvisor.kernel.task.Task;
import dev.jvisor.mm.usercopy.IovIter;
import dev.jvisor.net.socket.Socket;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.LittleEndian;
import dev.jvisor.platform.abi.MsghdrStruct;
import dev.jvisor.syscalls.handlers.UserArgs;

/** A {@code struct msghdr} that was copied in, and its data. */
final class MessageHeader {

    /** UIO_MAXIOV of linux/uio.h. */
    static final int IOV_MAX = 1024;

    /** {@code /proc/sys/net/core/optmem_max}: most bytes of control messages that are sent. */
    private static final int CONTROL_SENT_MAX = 131_072;

    final long address;
    final long name;
    final int nameLength;
    final long control;
    final long controlLength;
    final int flags;
    final IovIter data;

    /**
     * Copies one in (Linux: {@code copy_msghdr_from_user}).
     *
     * @throws ErrnoException EFAULT; EINVAL for a negative name length; EMSGSIZE for too many
     *     ranges; EINVAL and EFAULT for the ranges
     */
    MessageHeader(Task task, long address) throws ErrnoException {
        byte[] b = new byte[MsghdrStruct.SIZE];
        task.memory().copyIn(address, b, 0, b.length);
        this.address = address;
        name = LittleEndian.getLong(b, MsghdrStruct.MSG_NAME);
        int length = LittleEndian.getInt(b, MsghdrStruct.MSG_NAMELEN);
        if (name != 0 && length < 0) {
            throw Errno.EINVAL.exception();
        }
        nameLength = name == 0 ? 0 : Math.min(length, Socket.ADDRESS_BYTES_MAX);
        control = LittleEndian.getLong(b, MsghdrStruct.MSG_CONTROL);
        controlLength = LittleEndian.getLong(b, MsghdrStruct.MSG_CONTROLLEN);
        flags = LittleEndian.getInt(b, MsghdrStruct.MSG_FLAGS);
        long count = LittleEndian.getLong(b, MsghdrStruct.MSG_IOVLEN);
        if (Long.compareUnsigned(count, IOV_MAX) > 0) {
            throw Errno.EMSGSIZE.exception();
        }
        data = task.memory().iterVector(LittleEndian.getLong(b, MsghdrStruct.MSG_IOV), (int) count);
        data.truncate(UserArgs.MAX_RW_COUNT);
    }

    /** The control messages to send; ENOBUFS if they are too long, EFAULT. */
    byte[] copyControl(Task task) throws ErrnoException {
        if (controlLength < 0 || controlLength > CONTROL_SENT_MAX) {
            throw Errno.ENOBUFS.exception();
        }
        byte[] bytes = new byte[(int) controlLength];
        if (bytes.length > 0) {
            task.memory().copyIn(control, bytes, 0, bytes.length);
        }
        return bytes;
    }

    /** Room for control messages to receive, bytes. */
    int controlCapacity() {
        return (int) Math.clamp(controlLength, 0, Integer.MAX_VALUE - 64);
    }
}
