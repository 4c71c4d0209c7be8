// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.ipc.mqueue;

/** The values below {@code /proc/sys/fs/mqueue}. */
public final class QueueLimits {

    /** What not even an administrator exceeds (include/linux/ipc_namespace.h). */
    static final int HARD_MESSAGES_MAX = 65536;

    static final int HARD_BYTES_MAX = 16 << 20;

    public volatile int queuesMax = 256;
    public volatile int messagesMax = 10;
    public volatile int bytesMax = 8192;
    public volatile int messagesDefault = 10;
    public volatile int bytesDefault = 8192;
}
