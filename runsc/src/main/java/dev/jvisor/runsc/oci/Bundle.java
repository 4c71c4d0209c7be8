// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.runsc.oci;

import com.google.gson.JsonElement;
import com.google.gson.stream.MalformedJsonException;

import dev.jvisor.fs.cred.Credentials;
import dev.jvisor.fs.cred.UserNamespace;
import dev.jvisor.platform.abi.Resource;
import dev.jvisor.runsc.ByteStrings;
import dev.jvisor.runsc.boot.SandboxConfig;
import dev.jvisor.runsc.cli.RunscException;

import org.jspecify.annotations.Nullable;

import java.io.EOFException;
import java.io.IOException;
import java.io.Reader;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/**
 * An OCI bundle: reads config.json (OCI runtime specification 1.1, config.md and config-linux.md).
 */
public final class Bundle {

    /** Name of the configuration in a bundle. */
    public static final String CONFIG = "config.json";

    private static final long CONSOLE_MAX = 0xffff;

    static final String[] CAPABILITY_SETS = {
        "bounding", "effective", "permitted", "inheritable", "ambient"
    };

    private final Path directory;
    private final SandboxConfig config = new SandboxConfig();

    private Bundle(Path directory) {
        this.directory = directory;
    }

    /** Reads a bundle; throws what is wrong with it by the path of the JSON value. */
    public static SandboxConfig load(Path directory) throws RunscException {
        Path file = directory.resolve(CONFIG);
        JsonElement json;
        try (Reader text = new StringReader(Files.readString(file))) {
            json = JsonTree.read(text);
        } catch (MalformedJsonException | EOFException e) {
            throw new RunscException(file + " is not valid JSON: " + position(e.getMessage()));
        } catch (NoSuchFileException e) {
            throw new RunscException(
                    "no " + CONFIG + " in " + directory + "; write one with 'runsc spec'");
        } catch (IOException e) {
            throw new RunscException("cannot read " + file + ": " + e.getMessage());
        }
        if (!json.isJsonObject()) {
            throw new RunscException(file + " must hold a JSON object");
        }
        Bundle bundle = new Bundle(directory);
        bundle.read(new JsonReader(json.getAsJsonObject(), ""));
        return bundle.config;
    }

    /**
     * Where the parser stopped; what it advises before is meant for its caller, not for the user.
     */
    private static String position(@Nullable String message) {
        int start = message == null ? -1 : message.indexOf(" at line ");
        if (message == null || start < 0) {
            return String.valueOf(message);
        }
        int end = message.indexOf('\n', start);
        return "error" + message.substring(start, end < 0 ? message.length() : end);
    }

    private void read(JsonReader spec) throws RunscException {
        String version = spec.string("ociVersion");
        if (version == null) {
            throw spec.invalid("ociVersion", "is missing");
        }
        if (!version.startsWith("1.")) {
            throw spec.invalid("ociVersion", "'" + version + "' is not supported, only 1.x is");
        }
        JsonReader root = spec.object("root");
        if (root == null) {
            throw spec.invalid("root", "is missing");
        }
        String path = root.string("path", "");
        Path rootfs = directory.resolve(path).normalize();
        if (path.isEmpty() || !Files.isDirectory(rootfs)) {
            throw root.invalid("path", "'" + path + "' is not a directory in the bundle");
        }
        config.rootPath = rootfs.toString();
        config.readOnlyRoot = root.bool("readonly");
        config.hostname = spec.string("hostname", config.hostname);
        JsonReader process = spec.object("process");
        if (process == null) {
            throw spec.invalid("process", "is missing");
        }
        readProcess(process);
        readMounts(spec.objects("mounts"));
        readMemoryLimit(spec.object("linux"));
    }

    /** linux.resources.memory.limit, in bytes; -1 is none. */
    private void readMemoryLimit(@Nullable JsonReader linux) throws RunscException {
        JsonReader resources = linux == null ? null : linux.object("resources");
        JsonReader memory = resources == null ? null : resources.object("memory");
        if (memory != null) {
            config.memoryBytes = Math.max(0, memory.number("limit", 0));
        }
    }

    private void readProcess(JsonReader process) throws RunscException {
        config.arguments = process.strings("args");
        if (config.arguments.isEmpty()) {
            throw process.invalid("args", "must name a program");
        }
        config.environment = process.strings("env");
        config.terminal = process.bool("terminal");
        JsonReader console = process.object("consoleSize");
        if (console != null) {
            config.consoleHeight = (int) Math.min(CONSOLE_MAX, console.number("height", 0));
            config.consoleWidth = (int) Math.min(CONSOLE_MAX, console.number("width", 0));
        }
        config.workingDirectory = ByteStrings.fromText(process.string("cwd", ""));
        config.createWorkingDirectory = true;
        if (!config.workingDirectory.startsWith("/")) {
            throw process.invalid("cwd", "must be an absolute path");
        }
        for (JsonReader limit : process.objects("rlimits")) {
            readLimit(limit);
        }
        JsonReader user = process.object("user");
        int uid = 0;
        int gid = 0;
        int[] groups = {};
        if (user != null) {
            uid = user.id("uid");
            gid = user.id("gid");
            groups = user.ids("additionalGids");
            config.umask = (int) user.number("umask", config.umask) & 0777;
        }
        JsonReader capabilities = process.object("capabilities");
        long[] sets = new long[CAPABILITY_SETS.length];
        if (capabilities != null) {
            for (int i = 0; i < sets.length; i++) {
                sets[i] = CapabilityNames.parse(capabilities, CAPABILITY_SETS[i]);
            }
        }
        config.credentials = new Credentials(
                uid,
                uid,
                uid,
                uid,
                gid,
                gid,
                gid,
                gid,
                groups,
                sets[2],
                sets[1],
                sets[3],
                sets[0],
                sets[4] & sets[3] & sets[2],
                0,
                process.bool("noNewPrivileges"),
                UserNamespace.INITIAL);
    }

    private static final String[] LIMITS = {
        "CPU",
        "FSIZE",
        "DATA",
        "STACK",
        "CORE",
        "RSS",
        "NPROC",
        "NOFILE",
        "MEMLOCK",
        "AS",
        "LOCKS",
        "SIGPENDING",
        "MSGQUEUE",
        "NICE",
        "RTPRIO",
        "RTTIME"
    };

    private void readLimit(JsonReader limit) throws RunscException {
        String type = limit.string("type", "");
        for (int i = 0; i < Resource.RLIM_NLIMITS; i++) {
            if (type.equals("RLIMIT_" + LIMITS[i])) {
                long soft = limit.number("soft", 0);
                long hard = limit.number("hard", 0);
                if (Long.compareUnsigned(soft, hard) > 0) {
                    throw limit.invalid("soft", "is above the hard limit");
                }
                config.limits.add(new SandboxConfig.ResourceLimit(i, soft, hard));
                return;
            }
        }
        throw limit.invalid("type", "'" + type + "' is no resource limit");
    }

    private void readMounts(List<JsonReader> mounts) throws RunscException {
        boolean hasProc = false;
        for (JsonReader mount : mounts) {
            String destination = mount.string("destination", "");
            if (!destination.startsWith("/")) {
                throw mount.invalid("destination", "must be an absolute path");
            }
            List<String> options = mount.strings("options");
            boolean bind = options.contains("bind") || options.contains("rbind");
            String type = bind ? "bind" : mount.string("type", "bind");
            String source = mount.string("source", type);
            if (type.equals("bind")) {
                source = directory.resolve(source).normalize().toString();
                if (!Files.exists(Path.of(source))) {
                    throw mount.invalid("source", "'" + source + "' does not exist");
                }
            }
            hasProc |= destination.equals("/proc");
            config.mounts.add(new SandboxConfig.MountEntry(
                    ByteStrings.fromText(destination), type, source, options));
        }
        if (!hasProc) {
            config.mounts.add(0, new SandboxConfig.MountEntry("/proc", "proc", "proc", List.of()));
        }
    }
}
