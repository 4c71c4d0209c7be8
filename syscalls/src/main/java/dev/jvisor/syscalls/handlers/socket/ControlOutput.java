// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.socket;

import static dev.jvisor.platform.abi.Socket.MSG_CMSG_CLOEXEC;
import static dev.jvisor.platform.abi.Socket.MSG_CTRUNC;
import static dev.jvisor.platform.abi.Socket.SCM_RIGHTS;
import static dev.jvisor.platform.abi.Socket.SOL_SOCKET;

import dev.jvisor.kernel.task.Task;
import dev.jvisor.net.socket.SocketMessage;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.syscalls.handlers.UserArgs;

/** Gives received control messages out, and makes descriptors of passed files. */
final class ControlOutput {

    private static final int HEADER = SocketMessage.CMSG_HEADER_BYTES;

    private ControlOutput() {}

    /**
     * Writes all that fits (Linux: {@code put_cmsg}, {@code scm_detach_fds}); what does not sets
     * MSG_CTRUNC. A buffer that cannot be written is not an error of the call.
     *
     * @return bytes used of the control buffer
     */
    static int write(Task task, long address, SocketMessage message) {
        byte[] control = message.receivedControl();
        int used = 0;
        if (control.length > 0) {
            try {
                task.memory().copyOut(address, control, 0, control.length);
                used = control.length;
            } catch (ErrnoException e) {
                message.resultFlags |= MSG_CTRUNC;
            }
        }
        int count = message.files().length;
        return count == 0 ? used : used + writeFiles(task, address + used, message, count);
    }

    private static int writeFiles(Task task, long address, SocketMessage message, int count) {
        int room = message.controlRoom();
        int fitting = room <= HEADER ? 0 : Math.min(count, (room - HEADER) / Integer.BYTES);
        int done = 0;
        while (done < fitting && install(task, address, message, done)) {
            done++;
        }
        if (done < count) {
            message.resultFlags |= MSG_CTRUNC;
        }
        if (done == 0) {
            return 0;
        }
        int length = HEADER + done * Integer.BYTES;
        byte[] header = new byte[HEADER];
        SocketMessage.putHeader(header, 0, length, SOL_SOCKET, SCM_RIGHTS);
        try {
            task.memory().copyOut(address, header, 0, HEADER);
        } catch (ErrnoException e) {
            return 0;
        }
        return Math.min(length + 7 & ~7, room);
    }

    /** One descriptor: there is none that the guest could not be told of. */
    private static boolean install(Task task, long address, SocketMessage message, int index) {
        int fd;
        try {
            fd = task.files().reserve(UserArgs.descriptorLimit(task));
        } catch (ErrnoException e) {
            return false;
        }
        try {
            task.memory().putInt(address + HEADER + (long) index * Integer.BYTES, fd);
        } catch (ErrnoException e) {
            task.files().unreserve(fd);
            return false;
        }
        task.files().fill(fd, message.takeFile(index), message.has(MSG_CMSG_CLOEXEC));
        return true;
    }
}
