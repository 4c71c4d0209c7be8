// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel;

import dev.jvisor.platform.host.Host;
import dev.jvisor.platform.host.NativeBuffer;
import dev.jvisor.platform.host.Sys;

/** How much memory the host has, by its sysinfo(2). */
final class HostMemory {

    private static final int OFFSET_TOTAL = 32;
    private static final int OFFSET_UNIT = 104;

    private HostMemory() {}

    static long totalBytes() {
        NativeBuffer buffer = NativeBuffer.scratch();
        if (Host.syscall(Sys.SYSINFO, buffer.address(), 0, 0) != 0) {
            return Long.MAX_VALUE;
        }
        return buffer.getLong(OFFSET_TOTAL) * (buffer.getInt(OFFSET_UNIT) & 0xffff_ffffL);
    }
}
