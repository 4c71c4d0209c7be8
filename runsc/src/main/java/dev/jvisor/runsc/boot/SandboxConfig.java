// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.runsc.boot;

import dev.jvisor.fs.cred.Credentials;

import java.util.ArrayList;
import java.util.List;

/**
 * What a sandbox is made of: the front ends ({@code do}, an OCI bundle) fill it in, the boot reads
 * it.
 */
public final class SandboxConfig {

    /** A mount besides the root. */
    public record MountEntry(
            String destination, String type, String source, List<String> options) {}

    /** A resource limit: {@code RLIMIT_*} number, soft and hard value. */
    public record ResourceLimit(int resource, long soft, long hard) {}

    /** Host directory that becomes the root. */
    public String rootPath = "/";

    /** Whether the guest's writes go to memory, over a host tree that is never written. */
    public boolean overlay = true;

    /** Whether the root is read-only for the guest. */
    public boolean readOnlyRoot;

    /**
     * Bytes that guests may have, files in memory included; 0 for a sane part of the host's. What
     * the Sentry itself needs is not counted.
     */
    public long memoryBytes;

    public String hostname = "jvisor";
    public List<String> arguments = List.of();
    public List<String> environment = List.of();
    public String workingDirectory = "/";

    /** Whether a working directory that does not exist is created (OCI) rather than an error. */
    public boolean createWorkingDirectory;

    /**
     * Whether the first process gets a terminal of its own (OCI: process.terminal) whatever runsc's
     * standard streams are.
     */
    public boolean terminal;

    /** Rows and columns of that terminal (OCI: process.consoleSize); 0 for the user's. */
    public int consoleHeight;

    public int consoleWidth;

    /** Whether it gets one if runsc's standard input and output are a terminal. */
    public boolean terminalOfUser;

    public Credentials credentials = Credentials.ROOT;
    public int umask = 022;
    public final List<MountEntry> mounts = new ArrayList<>();
    public final List<ResourceLimit> limits = new ArrayList<>();

    /** Adds the mounts that every Linux program expects. */
    public void addDefaultMounts() {
        mounts.add(new MountEntry("/proc", "proc", "proc", List.of("nosuid", "nodev", "noexec")));
        mounts.add(new MountEntry(
                "/sys", "sysfs", "sysfs", List.of("nosuid", "nodev", "noexec", "ro")));
        mounts.add(new MountEntry("/dev", "devtmpfs", "devtmpfs", List.of("nosuid")));
        mounts.add(new MountEntry(
                "/dev/pts",
                "devpts",
                "devpts",
                List.of("nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5")));
        mounts.add(new MountEntry(
                "/dev/shm", "tmpfs", "shm", List.of("nosuid", "nodev", "mode=1777")));
    }
}
