// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.net.socket;

import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.mm.usercopy.IovIter;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Socket;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;

/**
 * What a send or receive call transfers (Linux: {@code struct msghdr}).
 *
 * <p>Belongs to one system call on one thread. {@link #release} gives up what it holds.
 */
public final class SocketMessage extends SocketCall {

    /** Bytes of {@code struct cmsghdr}. */
    public static final int CMSG_HEADER_BYTES = 16;

    private static final byte[] NOTHING = {};
    private static final FileDescription[] NO_FILES = {};

    /** What control messages ask of the sender's process. */
    public interface Sender {
        /** Looks a descriptor up and takes a reference; EBADF. */
        FileDescription acquire(int descriptor) throws ErrnoException;

        /** Whether there is a process with this id, as the sender sees ids. */
        boolean hasProcess(int id);
    }

    /**
     * A control message to be sent, decoded by {@link dev.jvisor.net.socket.Socket#prepareSend}.
     */
    public interface Prepared {
        /** The call is over: what was not handed on is given up. */
        void release();
    }

    /** The bytes to send, or where received ones go. */
    public final IovIter data;

    /** {@code MSG_*} as the caller gave them; MSG_DONTWAIT is the system call layer's. */
    public final int flags;

    /**
     * Sending: the destination, family first (at most 128 bytes), or null. Receiving: where the
     * message came from, set by the socket if {@link #wantsAddress}; null if there is no address to
     * tell, empty for an unnamed sender.
     */
    public byte @Nullable [] address;

    /** Receiving: whether the caller looks at {@link #address}. */
    public boolean wantsAddress;

    /** Sending: the control messages as the guest laid them out; empty for none. */
    public byte[] control = NOTHING;

    /** Sending with control messages: who sends. */
    public @Nullable Sender sender;

    /** Whose namespaces the ids that are received are shown in; null for the first ones. */
    public @Nullable CallContext receiver;

    /** Sending: what {@link dev.jvisor.net.socket.Socket#prepareSend} made of {@link #control}. */
    public @Nullable Prepared prepared;

    /** Receiving: what the socket remembers from one attempt of this call to the next. */
    public @Nullable Object memory;

    /** Receiving: the result's {@code msg_flags}: MSG_TRUNC, MSG_CTRUNC, MSG_EOR, …. */
    public int resultFlags;

    /**
     * Receiving: set by a stream that has more but may not go on in this call, as behind passed
     * descriptors: MSG_WAITALL ends here.
     */
    public boolean isComplete;

    private int controlCapacity;
    private byte[] received = NOTHING;
    private int receivedLength;
    private FileDescription[] files = NO_FILES;

    public SocketMessage(IovIter data, int flags) {
        this.data = data;
        this.flags = flags;
    }

    public boolean has(int flag) {
        return (flags & flag) != 0;
    }

    /** Receiving: sets how many bytes of control messages the caller has room for. */
    public void setControlCapacity(int bytes) {
        controlCapacity = bytes;
    }

    /** Bytes of the caller's control buffer that are still free. */
    public int controlRoom() {
        return controlCapacity - receivedLength;
    }

    /**
     * Receiving: adds a control message; what does not fit is cut and MSG_CTRUNC set (Linux:
     * {@code put_cmsg}).
     */
    public void putControl(int level, int type, byte[] value) {
        int room = controlRoom();
        if (room < CMSG_HEADER_BYTES) {
            resultFlags |= Socket.MSG_CTRUNC;
            return;
        }
        int length = CMSG_HEADER_BYTES + value.length;
        if (length > room) {
            resultFlags |= Socket.MSG_CTRUNC;
            length = room;
        }
        int space = Math.min(length + 7 & ~7, room);
        received = Arrays.copyOf(received, receivedLength + space);
        putHeader(received, receivedLength, length, level, type);
        System.arraycopy(
                value, 0, received, receivedLength + CMSG_HEADER_BYTES, length - CMSG_HEADER_BYTES);
        receivedLength += space;
    }

    /** Lays a {@code struct cmsghdr} out. */
    public static void putHeader(byte[] to, int index, long length, int level, int type) {
        for (int i = 0; i < 8; i++) {
            to[index + i] = (byte) (length >>> 8 * i);
        }
        for (int i = 0; i < 4; i++) {
            to[index + 8 + i] = (byte) (level >>> 8 * i);
            to[index + 12 + i] = (byte) (type >>> 8 * i);
        }
    }

    /** Receiving: the control messages laid out so far; {@link #files} come behind them. */
    public byte[] receivedControl() {
        return received;
    }

    /**
     * Receiving: passed files, with a reference each that now is the message's. The system call
     * layer makes descriptors of them, in an SCM_RIGHTS message behind all others.
     */
    public void setFiles(FileDescription[] files) {
        this.files = files;
    }

    public FileDescription[] files() {
        return files;
    }

    /** Takes a file, and its reference, out of {@link #files}. */
    public FileDescription takeFile(int index) {
        FileDescription file = files[index];
        files[index] = null;
        return file;
    }

    /** Gives up the files that nobody took and what was prepared. */
    public void release() {
        for (FileDescription file : files) {
            if (file != null) {
                file.release();
            }
        }
        files = NO_FILES;
        if (prepared != null) {
            prepared.release();
            prepared = null;
        }
    }
}
