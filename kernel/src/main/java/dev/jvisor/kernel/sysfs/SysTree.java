// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.sysfs;

import dev.jvisor.fs.kernfs.KernfsInode;
import dev.jvisor.fs.kernfs.KernfsSymlink;
import dev.jvisor.fs.kernfs.TableDirectory;
import dev.jvisor.fs.kernfs.TextBuffer;
import dev.jvisor.fs.kernfs.TextFile;
import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.kernel.procfs.CpuLists;
import dev.jvisor.kernel.procfs.MachineInfo;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Fcntl;

import org.jspecify.annotations.Nullable;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What {@code /sys} is made of: paths and their values, made when the first of them is looked at.
 */
final class SysTree implements TableDirectory.Table {

    private static final int KERNEL_MAX = 8191; // CONFIG_NR_CPUS - 1
    private static final int MASK_CPUS = 64;
    private static final String LINK = "\0"; // in front of the target of a symbolic link

    /** Level 1 data, level 1 instructions, level 2, and then level 3. */
    private static final int SHARED_CACHE_INDEX = 3;

    private static final String[] CACHE_ATTRIBUTES = {
        "coherency_line_size",
        "level",
        "number_of_sets",
        "physical_line_partition",
        "size",
        "type",
        "ways_of_associativity",
    };

    private static final String[] VULNERABILITIES = {
        "gather_data_sampling",
        "ghostwrite",
        "indirect_target_selection",
        "itlb_multihit",
        "l1tf",
        "mds",
        "meltdown",
        "mmio_stale_data",
        "old_microcode",
        "reg_file_data_sampling",
        "retbleed",
        "spec_rstack_overflow",
        "spec_store_bypass",
        "spectre_v1",
        "spectre_v2",
        "srbds",
        "tsa",
        "tsx_async_abort",
        "vmscape",
    };

    private final SysFilesystem filesystem;
    private final MachineInfo machine;
    private @Nullable Map<String, String> values; // guarded by this

    SysTree(SysFilesystem filesystem, MachineInfo machine) {
        this.filesystem = filesystem;
        this.machine = machine;
    }

    private synchronized Map<String, String> values() {
        Map<String, String> v = values;
        if (v == null) {
            v = new LinkedHashMap<>();
            fill(v);
            values = v;
        }
        return v;
    }

    @Override
    public String[] paths() {
        return values().keySet().toArray(new String[0]);
    }

    @Override
    public KernfsInode leaf(String path, long number) {
        String value = values().get(path);
        if (value == null) {
            throw new IllegalArgumentException(path);
        }
        return value.startsWith(LINK)
                ? new KernfsSymlink(filesystem, number, value.substring(LINK.length()))
                : new Value(filesystem, number, value);
    }

    private void fill(Map<String, String> v) {
        v.put("block/", "");
        v.put("bus/cpu/devices/", "");
        v.put("bus/pci/devices/", "");
        v.put("class/block/", "");
        v.put("class/net/lo", LINK + "../../devices/virtual/net/lo");
        v.put("class/power_supply/", "");
        v.put("class/tty/", "");
        v.put("dev/block/", "");
        v.put("dev/char/", "");
        cpus(v);
        node(v);
        loopback(v);
        v.put("firmware/", "");
        v.put("fs/cgroup/", "");
        v.put("kernel/debug/", "");
        v.put("kernel/mm/hugepages/", "");
        v.put(
                "kernel/mm/transparent_hugepage/defrag",
                "always defer defer+madvise madvise [never]");
        v.put("kernel/mm/transparent_hugepage/enabled", "always madvise [never]");
        v.put("kernel/mm/transparent_hugepage/hpage_pmd_size", "2097152");
        v.put(
                "kernel/mm/transparent_hugepage/shmem_enabled",
                "always within_size advise [never] deny force");
        v.put("kernel/security/", "");
        v.put("kernel/tracing/", "");
        v.put("module/", "");
        v.put("power/", "");
    }

    private String range() {
        TextBuffer out = new TextBuffer();
        int cpus = Math.min(MASK_CPUS, machine.cpus());
        CpuLists.add(out, cpus == MASK_CPUS ? -1 : (1L << cpus) - 1);
        return out.toString();
    }

    /** A set of CPUs as a hexadecimal mask, as wide as the CPUs there are. */
    private String mask(long set) {
        int digits = (Math.min(MASK_CPUS, machine.cpus()) + 3) / 4;
        return new TextBuffer().addHex(set, digits).toString();
    }

    private void cpus(Map<String, String> v) {
        String top = "devices/system/cpu/";
        int cpus = Math.min(MASK_CPUS, machine.cpus());
        String all = mask(cpus == MASK_CPUS ? -1 : (1L << cpus) - 1);
        for (int cpu = 0; cpu < cpus; cpu++) {
            String topology = top + "cpu" + cpu + "/topology/";
            String own = mask(1L << cpu);
            String number = Integer.toString(cpu);
            v.put(topology + "cluster_id", "65535");
            v.put(topology + "core_cpus", own);
            v.put(topology + "core_cpus_list", number);
            v.put(topology + "core_id", number);
            v.put(topology + "core_siblings", all);
            v.put(topology + "core_siblings_list", range());
            v.put(topology + "die_cpus", all);
            v.put(topology + "die_cpus_list", range());
            v.put(topology + "die_id", "0");
            v.put(topology + "package_cpus", all);
            v.put(topology + "package_cpus_list", range());
            v.put(topology + "physical_package_id", "0");
            v.put(topology + "thread_siblings", own);
            v.put(topology + "thread_siblings_list", number);
        }
        caches(v, cpus, all);
        for (String name : VULNERABILITIES) {
            String value = MachineInfo.cpuAttribute("vulnerabilities/" + name);
            if (value != null) {
                v.put(top + "vulnerabilities/" + name, value);
            }
        }
        v.put(top + "isolated", "");
        v.put(top + "kernel_max", Integer.toString(KERNEL_MAX));
        v.put(top + "offline", "");
        v.put(top + "online", range());
        v.put(top + "possible", range());
        v.put(top + "present", range());
        v.put(top + "smt/active", "0");
        v.put(top + "smt/control", "notsupported");
    }

    /** The caches of the host's first CPU; the last level is that of all CPUs. */
    private void caches(Map<String, String> v, int cpus, String all) {
        for (int i = 0; MachineInfo.cpuAttribute("cpu0/cache/index" + i + "/level") != null; i++) {
            String source = "cpu0/cache/index" + i + "/";
            boolean last = i >= SHARED_CACHE_INDEX;
            for (int cpu = 0; cpu < cpus; cpu++) {
                String top = "devices/system/cpu/cpu" + cpu + "/cache/index" + i + "/";
                for (String name : CACHE_ATTRIBUTES) {
                    String value = MachineInfo.cpuAttribute(source + name);
                    if (value != null) {
                        v.put(top + name, value);
                    }
                }
                v.put(top + "id", last ? "0" : Integer.toString(cpu));
                v.put(top + "shared_cpu_list", last ? range() : Integer.toString(cpu));
                v.put(top + "shared_cpu_map", last ? all : mask(1L << cpu));
            }
        }
    }

    private void node(Map<String, String> v) {
        String top = "devices/system/node/";
        v.put(top + "has_cpu", "0");
        v.put(top + "has_memory", "0");
        v.put(top + "has_normal_memory", "0");
        int cpus = Math.min(MASK_CPUS, machine.cpus());
        v.put(top + "node0/cpulist", range());
        v.put(top + "node0/cpumap", mask(cpus == MASK_CPUS ? -1 : (1L << cpus) - 1));
        v.put(top + "node0/distance", "10");
        v.put(top + "online", "0");
        v.put(top + "possible", "0");
    }

    private static void loopback(Map<String, String> v) {
        String top = "devices/virtual/net/lo/";
        v.put(top + "addr_len", "6");
        v.put(top + "address", "00:00:00:00:00:00");
        v.put(top + "broadcast", "00:00:00:00:00:00");
        v.put(top + "carrier", "1");
        v.put(top + "flags", "0x9");
        v.put(top + "ifindex", "1");
        v.put(top + "iflink", "1");
        v.put(top + "mtu", "65536");
        v.put(top + "operstate", "unknown");
        v.put(top + "tx_queue_len", "1000");
        v.put(top + "type", "772");
    }

    /** An attribute. */
    private static final class Value extends TextFile {
        private static final int ATTRIBUTE_BYTES = 4096;

        private final String value;

        Value(SysFilesystem filesystem, long number, String value) {
            super(filesystem, number, READ_ONLY);
            this.value = value;
        }

        @Override
        protected long statSize(CallContext context) {
            return ATTRIBUTE_BYTES;
        }

        /** Linux: kernfs_fop_open checks the mode even if a capability overrides it. */
        @Override
        protected @Nullable Object begin(CallContext context, int flags) throws ErrnoException {
            if ((flags & Fcntl.O_ACCMODE) != Fcntl.O_RDONLY) {
                throw Errno.EACCES.exception();
            }
            return null;
        }

        @Override
        protected void generate(CallContext context, @Nullable Object subject, TextBuffer out) {
            out.add(value).add('\n');
        }
    }
}
