package dev.infuser.tensor;

/** The model file is wrong: damaged, foreign, or against the specification of its format. */
public final class InvalidModelException extends InfuserException {

    private static final long serialVersionUID = 1L;

    /** An error with all its fields; use "" for those that do not apply. */
    public InvalidModelException(String code, String node, String message, String detail, String hint) {
        super(code, node, message, detail, hint);
    }

    /** An error that a code and one line say whole. */
    public InvalidModelException(String code, String message) {
        this(code, "", message, "", "");
    }

    @Override
    public InvalidModelException at(String place) {
        return node().isEmpty() ? new InvalidModelException(code(), place, getMessage(), detail(), hint()) : this;
    }
}
