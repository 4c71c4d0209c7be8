// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.discovery;

import net.bytebuddy.ByteBuddy;
import net.bytebuddy.dynamic.DynamicType;
import net.bytebuddy.matcher.ElementMatchers;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * The build step behind the table of shipped calls: scans the compiled handlers, writes their
 * bindings, the body of {@link ShippedSyscalls#fill} and the index.
 */
public final class GenerateTable {

    private GenerateTable() {}

    /**
     * Runs it.
     *
     * @param arguments directory of the compiled classes, directory to write to (may be the same)
     */
    public static void main(String[] arguments) throws IOException {
        if (arguments.length != 2) {
            System.err.println("usage: GenerateTable CLASSES-DIR OUTPUT-DIR");
            System.exit(2);
        }
        List<DiscoveryIssue> issues = generate(Path.of(arguments[0]), Path.of(arguments[1]));
        for (DiscoveryIssue issue : issues) {
            System.err.println("system call handler " + issue.line());
        }
        if (!issues.isEmpty()) {
            System.exit(1);
        }
    }

    /** Generates, unless there are issues. */
    static List<DiscoveryIssue> generate(Path classes, Path output) throws IOException {
        Discovery found = SyscallScanner.scan(List.of(classes));
        if (!found.issues().isEmpty()) {
            return found.issues();
        }
        Map<String, List<SyscallDescriptor>> families =
                BindingGenerator.families(found.descriptors());
        File directory = output.toFile();
        for (Map.Entry<String, List<SyscallDescriptor>> family : families.entrySet()) {
            save(BindingGenerator.bind(family.getKey(), family.getValue()), directory);
        }
        save(
                new ByteBuddy()
                        .redefine(ShippedSyscalls.class)
                        .method(ElementMatchers.named(BindingGenerator.FILL))
                        .intercept(BindingGenerator.fillAll(families.keySet()))
                        .make(),
                directory);
        Path index = output.resolve(SyscallIndex.PATH);
        Files.createDirectories(index.getParent());
        Files.writeString(index, SyscallIndex.format(found.descriptors()));
        return List.of();
    }

    private static void save(DynamicType.Unloaded<?> type, File directory) throws IOException {
        try (type) {
            type.saveIn(directory);
        }
    }
}
