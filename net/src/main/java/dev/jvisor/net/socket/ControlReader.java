// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.net.socket;

import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;

/** Walks over the control messages that a guest laid out (Linux: {@code for_each_cmsghdr}). */
public final class ControlReader {

    private final byte[] control;
    private int at = -1;
    private int length;
    private int following;

    public ControlReader(byte[] control) {
        this.control = control;
    }

    /**
     * Goes to the next message.
     *
     * @return false if there is none
     * @throws ErrnoException EINVAL for one that is shorter than its header or leaves the buffer
     */
    public boolean next() throws ErrnoException {
        if (control.length - following < SocketMessage.CMSG_HEADER_BYTES) {
            return false;
        }
        long wanted = intAt(following) & 0xffffffffL | (long) intAt(following + 4) << 32;
        if (wanted < SocketMessage.CMSG_HEADER_BYTES || wanted > control.length - following) {
            throw Errno.EINVAL.exception();
        }
        at = following;
        length = (int) wanted;
        following = at + (length + 7 & ~7);
        return true;
    }

    public int level() {
        return intAt(at + 8);
    }

    public int type() {
        return intAt(at + 12);
    }

    /** Bytes of the message's data. */
    public int dataLength() {
        return length - SocketMessage.CMSG_HEADER_BYTES;
    }

    /** The int at an offset of the data; the data is long enough. */
    public int dataInt(int offset) {
        return intAt(at + SocketMessage.CMSG_HEADER_BYTES + offset);
    }

    public byte[] data() {
        int start = at + SocketMessage.CMSG_HEADER_BYTES;
        return java.util.Arrays.copyOfRange(control, start, at + length);
    }

    private int intAt(int index) {
        return control[index] & 0xff
                | (control[index + 1] & 0xff) << 8
                | (control[index + 2] & 0xff) << 16
                | control[index + 3] << 24;
    }
}
