// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.procfs;

import dev.jvisor.platform.host.Host;
import dev.jvisor.platform.host.NativeBuffer;
import dev.jvisor.platform.host.Sys;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;

/**
 * What is known about the machine, for {@code /proc/cpuinfo} and {@code /sys}. The Sentry itself
 * cannot look at the host's files once it is isolated, so this is taken before.
 */
public final class MachineInfo {

    private static final int O_CLOEXEC = 0x80000;
    private static final int READ_BYTES = 4096;

    private static volatile @Nullable MachineInfo host;

    private int cpus = Math.max(1, Runtime.getRuntime().availableProcessors());
    private @Nullable String cpuinfo;

    /** Of a machine about which nothing is known but the number of CPUs. */
    public MachineInfo() {}

    /** Asks the host, the first time; what cannot be had any more stays unknown. */
    public static MachineInfo ofHost() {
        MachineInfo known = host;
        if (known == null) {
            synchronized (MachineInfo.class) {
                known = host;
                if (known == null) {
                    known = new MachineInfo();
                    known.ask();
                    host = known;
                }
            }
        }
        return known;
    }

    private void ask() {
        String text = read("/proc/cpuinfo");
        if (text != null) {
            setCpuinfo(text);
        }
    }

    /** Returns the first page of a host file, which is as much as the first CPU needs. */
    private static @Nullable String read(String file) {
        NativeBuffer buffer = NativeBuffer.scratch();
        byte[] path = file.getBytes(StandardCharsets.ISO_8859_1);
        long fd = Host.syscall(Sys.OPEN, buffer.putCString(0, path), O_CLOEXEC, 0);
        if (Host.isError(fd)) {
            return null;
        }
        long count = Host.syscall(Sys.READ, fd, buffer.address(), READ_BYTES);
        Host.syscall(Sys.CLOSE, fd, 0, 0);
        if (count <= 0) {
            return null;
        }
        byte[] text = new byte[(int) count];
        buffer.get(0, text, 0, text.length);
        return new String(text, StandardCharsets.ISO_8859_1);
    }

    /**
     * Returns an attribute of the host's first CPU below {@code /sys/devices/system/cpu}, or null;
     * to be asked while the host's files can be seen.
     */
    public static @Nullable String cpuAttribute(String path) {
        String text = read("/sys/devices/system/cpu/" + path);
        return text == null ? null : text.strip();
    }

    /** CPUs that programs see. */
    public int cpus() {
        return cpus;
    }

    public MachineInfo setCpus(int count) {
        cpus = count;
        return this;
    }

    /** The block of one CPU in the host's {@code /proc/cpuinfo}, or null if it is not known. */
    @Nullable
    String cpuinfo() {
        return cpuinfo;
    }

    /**
     * Sets what the host's {@code /proc/cpuinfo} says; of several CPUs the first counts. The fields
     * that number CPUs are replaced.
     */
    public MachineInfo setCpuinfo(String text) {
        int end = text.indexOf("\n\n");
        cpuinfo = end < 0 ? text : text.substring(0, end + 1);
        return this;
    }
}
