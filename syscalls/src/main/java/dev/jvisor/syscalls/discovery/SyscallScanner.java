// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.discovery;

import dev.jvisor.kernel.dispatch.SyscallTable;
import dev.jvisor.syscalls.annotation.Arg;
import dev.jvisor.syscalls.annotation.Support;
import dev.jvisor.syscalls.annotation.Syscall;
import dev.jvisor.syscalls.annotation.SyscallHandlers;
import dev.jvisor.syscalls.discovery.DiscoveryIssue.Kind;
import dev.jvisor.syscalls.discovery.SyscallDescriptor.Parameter;

import io.github.classgraph.AnnotationEnumValue;
import io.github.classgraph.AnnotationInfo;
import io.github.classgraph.ClassGraph;
import io.github.classgraph.ClassInfo;
import io.github.classgraph.MethodInfo;
import io.github.classgraph.MethodParameterInfo;
import io.github.classgraph.ScanResult;

import org.jspecify.annotations.Nullable;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Finds handlers in class files (ClassGraph); nothing of them is loaded or run. */
public final class SyscallScanner {

    /** Type of the first parameter. */
    static final String TASK = "dev.jvisor.kernel.task.Task";

    private static final int ARGUMENTS_MAX = 6;

    private final List<SyscallDescriptor> descriptors = new ArrayList<>();
    private final List<DiscoveryIssue> issues = new ArrayList<>();
    private final @Nullable SyscallDescriptor[] byNumber =
            new @Nullable SyscallDescriptor[SyscallTable.SIZE];

    private SyscallScanner() {}

    /** Scans directories and jars. */
    public static Discovery scan(List<Path> paths) {
        SyscallScanner scanner = new SyscallScanner();
        List<String> readable = new ArrayList<>();
        for (Path path : paths) {
            if (Files.isReadable(path)) {
                readable.add(path.toString());
            } else {
                scanner.issue(Kind.UNUSABLE, path.toString(), "cannot be read");
            }
        }
        if (!readable.isEmpty()) {
            scanner.scan(new ClassGraph().overrideClasspath(readable));
        }
        return scanner.result();
    }

    /**
     * Scans one package of the running class path, for tests and runs without a generated table.
     */
    static Discovery scanPackage(String packageName) {
        SyscallScanner scanner = new SyscallScanner();
        scanner.scan(new ClassGraph().acceptPackages(packageName));
        return scanner.result();
    }

    /** Examines the nested classes of one class only. */
    static Discovery scanClasses(Class<?>... classes) {
        SyscallScanner scanner = new SyscallScanner();
        String[] names = new String[classes.length];
        for (int i = 0; i < names.length; i++) {
            names[i] = classes[i].getName();
        }
        scanner.scan(new ClassGraph().acceptClasses(names));
        return scanner.result();
    }

    private Discovery result() {
        descriptors.sort((a, b) -> Integer.compare(a.number(), b.number()));
        return new Discovery(List.copyOf(descriptors), List.copyOf(issues));
    }

    private void issue(Kind kind, String source, String message) {
        issues.add(new DiscoveryIssue(kind, source, message));
    }

    private void scan(ClassGraph graph) {
        graph.enableClassInfo()
                .enableMethodInfo()
                .enableAnnotationInfo()
                .ignoreClassVisibility()
                .ignoreMethodVisibility();
        try (ScanResult result = graph.scan(1)) {
            for (ClassInfo type : result.getAllClasses()) {
                boolean marked = type.hasAnnotation(SyscallHandlers.class.getName());
                for (MethodInfo method : type.getDeclaredMethodInfo()) {
                    AnnotationInfo call = method.getAnnotationInfo(Syscall.class.getName());
                    if (call != null) {
                        examine(type, marked, method, call);
                    }
                }
            }
        }
    }

    private void examine(ClassInfo type, boolean marked, MethodInfo method, AnnotationInfo call) {
        String source = type.getSimpleName() + '#' + method.getName();
        int before = issues.size();
        if (!marked) {
            issue(Kind.CLASS_NOT_MARKED, source, "the class lacks @SyscallHandlers");
        }
        if (!method.isStatic()) {
            issue(Kind.NOT_STATIC, source, "must be static");
        }
        if (method.isPrivate()) {
            issue(Kind.PRIVATE_METHOD, source, "must not be private");
        }
        int number = (Integer) call.getParameterValues().getValue("number");
        String name = (String) call.getParameterValues().getValue("name");
        checkNumber(source, number, name);
        Object supportValue = call.getParameterValues().getValue("support");
        Support support = supportValue instanceof AnnotationEnumValue e
                ? Support.valueOf(e.getValueName())
                : Support.FULL;
        String note = call.getParameterValues().getValue("note") instanceof String s ? s : "";
        if (support == Support.PARTIAL && note.isBlank()) {
            issue(Kind.NOTE_MISMATCH, source, "PARTIAL needs a note that says what is missing");
        } else if (support == Support.FULL && !note.isEmpty()) {
            issue(Kind.NOTE_MISMATCH, source, "FULL has nothing missing, but there is a note");
        }
        String result = method.getTypeDescriptor().getResultType().toString();
        if (!result.equals("long") && !result.equals("int")) {
            issue(Kind.UNBINDABLE_RESULT, source, "returns " + result + ", not long or int");
        }
        List<Parameter> parameters = parameters(source, method);
        if (issues.size() > before) {
            return;
        }
        SyscallDescriptor other = byNumber[number];
        if (other != null) {
            issue(
                    Kind.DUPLICATE_NUMBER,
                    source,
                    "number " + number + " is served by " + other.source() + " already");
            return;
        }
        SyscallDescriptor descriptor = new SyscallDescriptor(
                number,
                name,
                support,
                note,
                type.getName(),
                method.getName(),
                result.equals("int"),
                parameters);
        byNumber[number] = descriptor;
        descriptors.add(descriptor);
    }

    private void checkNumber(String source, int number, String name) {
        if (number < 0 || number >= SyscallTable.SIZE) {
            issue(
                    Kind.NUMBER_OUT_OF_RANGE,
                    source,
                    "number " + number + " is not in 0.." + (SyscallTable.SIZE - 1));
            return;
        }
        String expected = UnistdNames.of(number);
        if (expected != null && !expected.equals(name)) {
            issue(
                    Kind.NAME_MISMATCH,
                    source,
                    "number " + number + " is " + expected + ", not " + name);
        } else if (expected == null && UnistdNames.number(name) >= 0) {
            issue(
                    Kind.NAME_MISMATCH,
                    source,
                    name + " is number " + UnistdNames.number(name) + ", not " + number);
        }
    }

    private List<Parameter> parameters(String source, MethodInfo method) {
        MethodParameterInfo[] infos = method.getParameterInfo();
        List<Parameter> parameters = new ArrayList<>();
        if (infos.length == 0 || !infos[0].getTypeDescriptor().toString().equals(TASK)) {
            issue(Kind.NO_TASK, source, "the first parameter must be " + TASK);
            return parameters;
        }
        if (infos.length - 1 > ARGUMENTS_MAX) {
            issue(
                    Kind.TOO_MANY_PARAMETERS,
                    source,
                    infos.length - 1 + " arguments; a system call has at most " + ARGUMENTS_MAX);
        }
        for (int i = 1; i < infos.length; i++) {
            String type = infos[i].getTypeDescriptor().toString();
            String name = infos[i].getName() == null ? "arg" + (i - 1) : infos[i].getName();
            if (!type.equals("int") && !type.equals("long")) {
                issue(
                        Kind.UNBINDABLE_PARAMETER,
                        source,
                        "parameter " + name + " is " + type + ", not int or long");
                continue;
            }
            parameters.add(new Parameter(name, type.equals("int"), format(infos[i], type)));
        }
        return List.copyOf(parameters);
    }

    private static Arg.Format format(MethodParameterInfo info, String type) {
        AnnotationInfo arg = info.getAnnotationInfo(Arg.class.getName());
        if (arg == null) {
            return type.equals("int") ? Arg.Format.INT : Arg.Format.HEX;
        }
        AnnotationEnumValue value =
                (AnnotationEnumValue) arg.getParameterValues().getValue("value");
        return Arg.Format.valueOf(value.getValueName());
    }
}
