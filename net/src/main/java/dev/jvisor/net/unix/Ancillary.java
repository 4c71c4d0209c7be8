// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.net.unix;

import static dev.jvisor.platform.abi.Socket.SCM_CREDENTIALS;
import static dev.jvisor.platform.abi.Socket.SCM_RIGHTS;
import static dev.jvisor.platform.abi.Socket.SOL_SOCKET;

import dev.jvisor.fs.cred.Credentials;
import dev.jvisor.fs.cred.UserNamespace;
import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.net.socket.ControlReader;
import dev.jvisor.net.socket.SocketMessage;
import dev.jvisor.platform.abi.Capabilities;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;

import java.util.Arrays;
import java.util.Objects;

/** The control messages of one send call (Linux: {@code struct scm_cookie}). */
final class Ancillary implements SocketMessage.Prepared {

    /** Linux: SCM_MAX_FD. */
    private static final int FILES_MAX = 253;

    private static final int UCRED_BYTES = 12;

    FileDescription[] files = new FileDescription[0];
    boolean hasCredentials;
    int processId;
    int uid;
    int gid;

    private Ancillary() {}

    /**
     * Decodes and checks (Linux: {@code __scm_send}).
     *
     * @throws ErrnoException EINVAL for a message that is broken or not known; EBADF; EPERM for
     *     credentials that are not the sender's; ESRCH for a process there is not; ETOOMANYREFS
     */
    static Ancillary parse(CallContext context, SocketMessage message) throws ErrnoException {
        Ancillary result = new Ancillary();
        boolean done = false;
        try {
            ControlReader reader = new ControlReader(message.control);
            while (reader.next()) {
                if (reader.level() != SOL_SOCKET) {
                    continue;
                }
                switch (reader.type()) {
                    case SCM_RIGHTS -> result.addFiles(reader, message);
                    case SCM_CREDENTIALS -> result.setCredentials(context, reader, message);
                    default -> throw Errno.EINVAL.exception();
                }
            }
            if (result.files.length > 0) {
                InFlight.check(context, result.files.length);
            }
            done = true;
            return result;
        } finally {
            if (!done) {
                result.release();
            }
        }
    }

    private void addFiles(ControlReader reader, SocketMessage message) throws ErrnoException {
        int count = reader.dataLength() / Integer.BYTES;
        int before = files.length;
        if (count > FILES_MAX || before + count > FILES_MAX) {
            throw Errno.EINVAL.exception();
        }
        SocketMessage.Sender sender = Objects.requireNonNull(message.sender);
        for (int i = 0; i < count; i++) {
            FileDescription file = sender.acquire(reader.dataInt(i * Integer.BYTES));
            files = Arrays.copyOf(files, before + i + 1);
            files[before + i] = file;
        }
    }

    private void setCredentials(CallContext context, ControlReader reader, SocketMessage message)
            throws ErrnoException {
        if (reader.dataLength() != UCRED_BYTES) {
            throw Errno.EINVAL.exception();
        }
        int pid = reader.dataInt(0);
        int wantedUid = reader.dataInt(4);
        int wantedGid = reader.dataInt(8);
        Credentials c = context.credentials();
        if (wantedUid == -1 || wantedGid == -1) {
            throw Errno.EINVAL.exception();
        }
        UserNamespace users = c.userNamespace();
        int kernelUid = users.kernelUid(wantedUid);
        int kernelGid = users.kernelGid(wantedGid);
        if (kernelUid == -1 || kernelGid == -1) {
            throw Errno.EINVAL.exception();
        }
        boolean ownPid = pid == context.processId() || c.has(Capabilities.CAP_SYS_ADMIN);
        boolean ownUid = kernelUid == c.uid()
                || kernelUid == c.euid()
                || kernelUid == c.suid()
                || c.hasOwn(Capabilities.CAP_SETUID);
        boolean ownGid = kernelGid == c.gid()
                || kernelGid == c.egid()
                || kernelGid == c.sgid()
                || c.hasOwn(Capabilities.CAP_SETGID);
        if (!ownPid || !ownUid || !ownGid) {
            throw Errno.EPERM.exception();
        }
        SocketMessage.Sender sender = Objects.requireNonNull(message.sender);
        int globalId =
                pid == context.processId() ? context.globalProcessId() : context.findProcess(pid);
        if (globalId == 0 || pid != context.processId() && !sender.hasProcess(pid)) {
            throw Errno.ESRCH.exception();
        }
        hasCredentials = true;
        processId = globalId;
        uid = kernelUid;
        gid = kernelGid;
    }

    @Override
    public void release() {
        FileDescription[] left = files;
        files = new FileDescription[0];
        InFlight.release(left);
    }
}
