// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.runsc.oci;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;

import java.util.List;

/** The config.json that {@code runsc spec} writes. */
public final class DefaultSpec {

    private DefaultSpec() {}

    private static final String[] CAPABILITIES = {
        "CAP_AUDIT_WRITE",
        "CAP_CHOWN",
        "CAP_DAC_OVERRIDE",
        "CAP_FOWNER",
        "CAP_FSETID",
        "CAP_KILL",
        "CAP_MKNOD",
        "CAP_NET_BIND_SERVICE",
        "CAP_SETFCAP",
        "CAP_SETGID",
        "CAP_SETPCAP",
        "CAP_SETUID",
        "CAP_SYS_CHROOT"
    };

    private static final String[] NAMESPACES = {"pid", "network", "ipc", "uts", "mount"};

    /** Returns the text for a program given as its arguments. */
    public static String json(List<String> program, String workingDirectory) {
        JsonObject spec = new JsonObject();
        spec.addProperty("ociVersion", "1.1.0");
        spec.add("process", process(program, workingDirectory));
        JsonObject root = new JsonObject();
        root.addProperty("path", "rootfs");
        root.addProperty("readonly", true);
        spec.add("root", root);
        spec.addProperty("hostname", "jvisor");
        JsonArray mounts = new JsonArray();
        mounts.add(mount("/proc", "proc", "proc", "nosuid", "noexec", "nodev"));
        mounts.add(mount("/dev", "tmpfs", "tmpfs", "nosuid", "strictatime", "mode=755"));
        mounts.add(mount(
                "/dev/pts",
                "devpts",
                "devpts",
                "nosuid",
                "noexec",
                "newinstance",
                "ptmxmode=0666",
                "mode=0620",
                "gid=5"));
        mounts.add(mount("/dev/shm", "tmpfs", "shm", "nosuid", "noexec", "nodev", "mode=1777"));
        mounts.add(mount("/dev/mqueue", "mqueue", "mqueue", "nosuid", "noexec", "nodev"));
        mounts.add(mount("/sys", "sysfs", "sysfs", "nosuid", "noexec", "nodev", "ro"));
        mounts.add(mount("/tmp", "tmpfs", "tmpfs", "nosuid", "nodev", "mode=1777"));
        spec.add("mounts", mounts);
        JsonArray namespaces = new JsonArray();
        for (String type : NAMESPACES) {
            JsonObject namespace = new JsonObject();
            namespace.addProperty("type", type);
            namespaces.add(namespace);
        }
        JsonObject linux = new JsonObject();
        linux.add("namespaces", namespaces);
        spec.add("linux", linux);
        return new GsonBuilder()
                        .setPrettyPrinting()
                        .disableHtmlEscaping()
                        .create()
                        .toJson(spec) + "\n";
    }

    private static JsonObject process(List<String> program, String workingDirectory) {
        JsonObject process = new JsonObject();
        process.addProperty("terminal", true);
        JsonObject user = new JsonObject();
        user.addProperty("uid", 0);
        user.addProperty("gid", 0);
        process.add("user", user);
        process.add("args", array(program.toArray(new String[0])));
        process.add(
                "env",
                array(
                        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                        "TERM=xterm"));
        process.addProperty("cwd", workingDirectory);
        JsonObject capabilities = new JsonObject();
        for (String set : Bundle.CAPABILITY_SETS) {
            if (!set.equals("ambient") && !set.equals("inheritable")) {
                capabilities.add(set, array(CAPABILITIES));
            }
        }
        process.add("capabilities", capabilities);
        JsonObject limit = new JsonObject();
        limit.addProperty("type", "RLIMIT_NOFILE");
        limit.addProperty("hard", 1024);
        limit.addProperty("soft", 1024);
        JsonArray limits = new JsonArray();
        limits.add(limit);
        process.add("rlimits", limits);
        process.addProperty("noNewPrivileges", true);
        return process;
    }

    private static JsonObject mount(
            String destination, String type, String source, String... options) {
        JsonObject mount = new JsonObject();
        mount.addProperty("destination", destination);
        mount.addProperty("type", type);
        mount.addProperty("source", source);
        mount.add("options", array(options));
        return mount;
    }

    private static JsonArray array(String... values) {
        JsonArray array = new JsonArray();
        for (String value : values) {
            array.add(value);
        }
        return array;
    }
}
