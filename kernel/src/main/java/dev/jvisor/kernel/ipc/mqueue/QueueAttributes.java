// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.ipc.mqueue;

import dev.jvisor.platform.abi.LittleEndian;

/**
 * How many messages a queue takes and how long they are ({@code struct mq_attr}).
 *
 * @param messagesMax most messages
 * @param bytesMax most bytes of one
 */
public record QueueAttributes(long messagesMax, long bytesMax) {

    /** Size of {@code struct mq_attr}: flags, maxmsg, msgsize, curmsgs and reserved words. */
    public static final int SIZE = 64;

    /** Reads what the guest asks for. */
    public static QueueAttributes read(byte[] b) {
        return new QueueAttributes(LittleEndian.getLong(b, 8), LittleEndian.getLong(b, 16));
    }
}
