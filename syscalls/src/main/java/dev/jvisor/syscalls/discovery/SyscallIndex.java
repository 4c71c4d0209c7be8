// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.discovery;

import dev.jvisor.platform.SentryBug;
import dev.jvisor.syscalls.annotation.Arg;
import dev.jvisor.syscalls.annotation.Support;
import dev.jvisor.syscalls.discovery.SyscallDescriptor.Parameter;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Descriptors as text, so that help and strace need no scan: a line for each call with tabs between
 * number, name, support, note, class, method, result type and parameters {@code name:type:format}
 * with commas between.
 */
final class SyscallIndex {

    /** Where the build puts it, below the class output. */
    static final String PATH = "dev/jvisor/syscalls/discovery/syscalls.index";

    private SyscallIndex() {}

    static String format(List<SyscallDescriptor> descriptors) {
        StringBuilder b = new StringBuilder();
        for (SyscallDescriptor d : descriptors) {
            b.append(d.number()).append('\t').append(d.name()).append('\t').append(d.support());
            b.append('\t').append(d.note().replace('\t', ' ').replace('\n', ' '));
            b.append('\t').append(d.className()).append('\t').append(d.methodName());
            b.append('\t').append(d.intResult() ? "int" : "long").append('\t');
            String comma = "";
            for (Parameter p : d.parameters()) {
                b.append(comma).append(p.name()).append(':').append(p.isInt() ? "int" : "long");
                b.append(':').append(p.format());
                comma = ",";
            }
            b.append('\n');
        }
        return b.toString();
    }

    static List<SyscallDescriptor> parse(String text) {
        List<SyscallDescriptor> descriptors = new ArrayList<>();
        for (String line : text.split("\n")) {
            String[] f = line.split("\t", -1);
            List<Parameter> parameters = new ArrayList<>();
            if (!f[7].isEmpty()) {
                for (String p : f[7].split(",")) {
                    String[] part = p.split(":");
                    parameters.add(new Parameter(
                            part[0], part[1].equals("int"), Arg.Format.valueOf(part[2])));
                }
            }
            descriptors.add(new SyscallDescriptor(
                    Integer.parseInt(f[0]),
                    f[1],
                    Support.valueOf(f[2]),
                    f[3],
                    f[4],
                    f[5],
                    f[6].equals("int"),
                    List.copyOf(parameters)));
        }
        return descriptors;
    }

    /** Reads the index that the build wrote; null if there was no such build. */
    static @Nullable List<SyscallDescriptor> load() {
        try (InputStream in = SyscallIndex.class.getResourceAsStream("/" + PATH)) {
            return in == null ? null : parse(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new SentryBug("resource=" + PATH, e);
        }
    }
}
